Taking messages out of the outbox. Parameters are SQLAlchemy's.

-- due_channels
-- That have something to send now and are free to. What a sender was at when it was killed is due again when
-- its claim is over.
SELECT id FROM channels
WHERE enabled AND removed_at IS NULL AND coalesce(free_at <= :now, true) AND EXISTS (
    SELECT FROM outbox
    WHERE channel_id = channels.id AND sent_at IS NULL AND given_up_at IS NULL AND next_at <= :now
        AND (claimed_until IS NULL OR claimed_until <= :now)
)
ORDER BY id;

-- lock_channel
-- One sender at a time takes a message for a channel, so its pace holds for all of them together. NO KEY:
-- whoever puts messages in refers to the channel, and need not wait or be waited for.
SELECT per_minute, enabled AND removed_at IS NULL AND coalesce(free_at <= :now, true) AS is_free
FROM channels WHERE id = :channel_id FOR NO KEY UPDATE;

-- claim
-- The message that has been due for longest, but what is urgent first. It is marked before it is sent; a mark that is left over says
-- that a sender was killed meanwhile, and that the message may have arrived.
UPDATE outbox SET
    claimed_until = :claimed_until, attempts = attempts + 1,
    tried_since = coalesce(tried_since, :now),
    doubtful = doubtful OR claimed_until IS NOT NULL
WHERE id = (
    SELECT id FROM outbox
    WHERE channel_id = :channel_id AND sent_at IS NULL AND given_up_at IS NULL AND next_at <= :now
        AND (claimed_until IS NULL OR claimed_until <= :now)
    ORDER BY urgent DESC, next_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, message_id, kind, title, text, data, staff_ids, created_at, attempts, tried_since, doubtful;

-- pace
UPDATE channels SET free_at = :free_at WHERE id = :channel_id;

-- rest
UPDATE channels SET free_at = greatest(free_at, :free_at) WHERE id = :channel_id;

-- phones
SELECT phone FROM staff
WHERE id = ANY(:staff_ids) AND coalesce(phone, '') <> ''
ORDER BY id;

-- settle
-- What has become of an attempt; nothing, when another sender has taken the message meanwhile.
UPDATE outbox SET
    claimed_until = NULL, sent_at = :sent_at, given_up_at = :given_up_at, next_at = :next_at,
    last_error = :last_error, doubtful = doubtful OR :doubtful
WHERE id = :id AND attempts = :attempts AND sent_at IS NULL;

-- next_due
SELECT min(greatest(outbox.next_at, outbox.claimed_until, channels.free_at))
FROM outbox JOIN channels ON channels.id = outbox.channel_id
WHERE sent_at IS NULL AND given_up_at IS NULL AND channels.enabled AND channels.removed_at IS NULL;

-- tidy
-- What has arrived is kept for a while and then goes.
DELETE FROM outbox WHERE sent_at < :before;

-- put_off
UPDATE outbox SET last_error = :reason, next_at = :next_at
WHERE channel_id = :channel_id AND sent_at IS NULL AND given_up_at IS NULL AND next_at <= :now;
