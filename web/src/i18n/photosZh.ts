/** 照片部分的中文文字。 */
export const photosZh = {
  photo: {
    add: "添加",
    how: "选择、拖入或粘贴照片",
    sending: "正在上传 {name}",
    busy: "正在上传照片…",
    again: "重新上传",
    remove: "去掉",
    notSent: "{name} 没有上传成功：{why}",
    someFailed: "有照片没有上传成功，请重新上传或去掉。",
    fault: {
      kind: "只能添加 JPEG、PNG、WebP 或 HEIC 照片。",
      size: "照片不能超过 {size} MB。",
      many: "一次最多 {count} 张照片，多出的没有添加。",
    },
    of: { after: "处置后的照片", check: "核查照片", onTheSpot: "现场照片", other: "照片" },
    before: "上一张",
    after: "下一张",
    taken: "拍摄于 {time}",
    sent: "上传于 {time}",
    original: "看大图",
  },
};
