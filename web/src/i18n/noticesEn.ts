/** The texts about notices. */
import type { noticesZh } from "./noticesZh";

export const noticesEn: typeof noticesZh = {
  notice: {
    title: "Notices",
    unread: "Unread",
    unreadOnly: "Unread only",
    readAll: "Mark all as read",
    older: "Older notices",
    none: "No notices yet",
    noneUnread: "Nothing unread",
    noneHint: "Cases that are sent to you, and alerts that concern you, appear here.",
    preferences: "How I am told",
    why: "Notices always stand in Wangge; choose where else they go.",
    noChannels: "The administrator has set up no channels: notices stand in Wangge only.",
    kind: "About",
    own: "own choice",
    quiet: "Quiet hours",
    from: "From",
    to: "to",
    until: "To",
    quietHint: "Nothing is sent then, but when they end; calls for help and urgent cases do not wait.",
    saved: "Saved.",
  },
  channelKind: { webhook: "Webhook", wecom: "WeCom", dingtalk: "DingTalk", feishu: "Feishu", sms: "SMS" },
};
