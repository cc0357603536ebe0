/** The texts about photos. */
import type { photosZh } from "./photosZh";

export const photosEn: typeof photosZh = {
  photo: {
    add: "Add",
    how: "Choose, drop or paste photos",
    sending: "Sending {name}",
    busy: "Sending photos…",
    again: "Send again",
    remove: "Remove",
    notSent: "{name} was not sent: {why}",
    someFailed: "Some photos were not sent: send them again or remove them.",
    fault: {
      kind: "Only JPEG, PNG, WebP and HEIC photos can be added.",
      size: "A photo may have {size} MB at most.",
      many: "At most {count} photos go with it; the others were not added.",
    },
    of: { after: "Photos of afterwards", check: "Photos of the check", onTheSpot: "Photos of the place", other: "Photos" },
    before: "Previous",
    after: "Next",
    taken: "Taken {time}",
    sent: "Sent {time}",
    original: "Full size",
  },
};
