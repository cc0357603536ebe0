The tiles that are kept. SQLite's dialect; parameters are written `:name`.

-- no_waiting_for_the_disk
-- What a power cut takes is fetched again.
PRAGMA synchronous = OFF;

-- journal
PRAGMA journal_mode = WAL;

-- table
CREATE TABLE IF NOT EXISTS tiles (
    pyramid TEXT NOT NULL,
    z INTEGER NOT NULL,
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    etag TEXT NOT NULL,
    fetched_at_s REAL NOT NULL,
    used_at_s REAL NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (pyramid, z, x, y)
);

-- index
CREATE INDEX IF NOT EXISTS tiles_used_at_s ON tiles (used_at_s);

-- size
SELECT coalesce(sum(length(content) + :overhead), 0) FROM tiles;

-- tile
SELECT content, media_type, etag, fetched_at_s, used_at_s FROM tiles
WHERE pyramid = :pyramid AND z = :z AND x = :x AND y = :y;

-- use
UPDATE tiles SET used_at_s = :now WHERE pyramid = :pyramid AND z = :z AND x = :x AND y = :y;

-- forget
DELETE FROM tiles WHERE pyramid = :pyramid AND z = :z AND x = :x AND y = :y RETURNING length(content);

-- keep
INSERT INTO tiles (pyramid, z, x, y, media_type, etag, fetched_at_s, used_at_s, content)
VALUES (:pyramid, :z, :x, :y, :media_type, :etag, :now, :now, :content);

-- forget_older
DELETE FROM tiles WHERE fetched_at_s < :before RETURNING length(content);

-- least_used
SELECT rowid, length(content) FROM tiles ORDER BY used_at_s, rowid;

-- leave
DELETE FROM tiles WHERE rowid = ?;
