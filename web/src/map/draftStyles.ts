/** How the grids of a draft are drawn, and what of it one is shown. */
import type { FeatureLike } from "ol/Feature";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import { FONT, type Palette } from "./palette";

/** Of ground that moves and of findings: neither a state of people nor of cases. */
const MARK = "#D55E00";
/** 19.5 m a pixel is zoom 13: names of the level below would cover each other before. */
const NEAR = 19.5;

export function draftStyles(palette: Palette) {
  const border = (of: number): Stroke =>
    of <= 1 ? new Stroke({ color: palette.border, width: 2.5 }) : new Stroke({ color: palette.border, width: 1.25, lineDash: [5, 3] });
  // A fill is what makes the inside of a grid answer to a click.
  const fill = new Fill({ color: "rgba(0,0,0,0.001)" });
  const chosen = new Style({ stroke: new Stroke({ color: palette.accent, width: 3.5 }), fill: new Fill({ color: palette.accentFill }), zIndex: 20 });

  const label = (name: string, level: number): Style =>
    new Style({
      text: new Text({
        text: name,
        font: level <= 1 ? `600 14px ${FONT}` : `12px ${FONT}`,
        fill: new Fill({ color: palette.label }),
        stroke: new Stroke({ color: palette.halo, width: 3.5 }),
        overflow: true,
      }),
      zIndex: 10 - level,
    });

  const gridStyle = (feature: FeatureLike, resolution: number, level: number, isChosen: boolean): Style[] => {
    const own = Number(feature.get("level"));
    const named = own === level && (own <= 1 || resolution < NEAR);
    return [
      new Style({ stroke: border(own), fill, zIndex: 10 - own }),
      ...(isChosen ? [chosen] : []),
      ...(named || isChosen ? [label(String(feature.get("name")), own)] : []),
    ];
  };
  const markStyle = new Style({
    stroke: new Stroke({ color: MARK, width: 2.5 }),
    fill: new Fill({ color: `${MARK}59` }),
    image: new Circle({ radius: 7, stroke: new Stroke({ color: MARK, width: 3 }), fill: new Fill({ color: `${MARK}40` }) }),
  });
  return { gridStyle, markStyle };
}
