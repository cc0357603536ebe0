/** People and vehicles: one feature each, updated in place, gliding from fix to fix. */
import Feature from "ol/Feature";
import type OlMap from "ol/Map";
import Overlay from "ol/Overlay";
import type { Coordinate } from "ol/coordinate";
import { containsCoordinate } from "ol/extent";
import { Point } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import type { UnitState } from "@/api";
import { Glides } from "./glides";
import { fromMap, toMap } from "./ground";
import { mark, remember } from "./marks";
import { FONT, type Palette } from "./palette";
import { unitSymbol } from "./symbols";

export interface PersonOnMap {
  id: string;
  name: string;
  lon: number;
  lat: number;
  state: UnitState;
  heading_deg: number | null;
}

const RANK: Record<UnitState, number> = { off_duty: 1, offline: 2, still: 4, stale: 5, moving: 6, sos: 9 };
const SIZES: Record<UnitState, number> = { off_duty: 16, offline: 20, still: 20, stale: 22, moving: 24, sos: 28 };

/** Names appear from here on; above it, only those pointed at. 4.8 m a pixel is zoom 15. */
const NAMES_BELOW = 4.8;
const LEAST_GLIDE_PX = 5;

const iconOf = remember((key) => {
  const [state, turn] = key.split("|");
  const known = state as UnitState;
  return mark(unitSymbol(known, turn !== ""), {
    size_px: SIZES[known],
    rotation_rad: (Number(turn) * Math.PI) / 180,
    rotateWithView: turn !== "",
    opacity: known === "off_duty" ? 0.75 : 1,
  });
});

/** Sixteen directions are as many as an eye tells apart on a sign this small. */
function turnOf(person: PersonOnMap): string {
  if (person.state !== "moving" || person.heading_deg === null) return "";
  return String((Math.round(person.heading_deg / 22.5) * 22.5) % 360);
}

export class People {
  readonly layer: VectorLayer;
  private readonly source = new VectorSource<Feature<Point>>();
  private readonly people = new Map<string, PersonOnMap>();
  private readonly pulses = new Map<string, Overlay>();
  private readonly glides = new Glides((id, at) => this.place(id, at));
  private chosen: string | null = null;
  private hovered: string | null = null;

  constructor(
    private readonly map: OlMap,
    palette: Palette,
  ) {
    this.layer = new VectorLayer({
      source: this.source,
      declutter: true,
      zIndex: 11,
      updateWhileAnimating: true,
      updateWhileInteracting: true,
    });
    this.paint(palette);
  }

  /** New or changed people; `glide` when they moved by themselves and not by loading. */
  update(people: readonly PersonOnMap[], glide: boolean): void {
    const added: Feature<Point>[] = [];
    for (const person of people) {
      this.people.set(person.id, person);
      const to = toMap([person.lon, person.lat]);
      const feature = this.source.getFeatureById(person.id) as Feature<Point> | null;
      if (!feature) {
        const fresh = new Feature(new Point(to));
        fresh.setId(person.id);
        added.push(fresh);
      } else {
        const from = feature.getGeometry()?.getCoordinates() ?? to;
        if (glide && this.isSeen(from, to)) this.glides.start(person.id, from, to);
        else this.place(person.id, to);
        feature.changed();
      }
      this.pulse(person);
    }
    if (added.length > 0) this.source.addFeatures(added);
  }

  /** Whether an eye could follow the way: every step of a glide draws the whole map anew. */
  private isSeen([x1 = 0, y1 = 0]: Coordinate, to: Coordinate): boolean {
    const [x2 = 0, y2 = 0] = to;
    const view = this.map.getView();
    const pixels = Math.hypot(x2 - x1, y2 - y1) / (view.getResolution() ?? Infinity);
    const extent = view.calculateExtent(this.map.getSize());
    return pixels >= LEAST_GLIDE_PX && this.layer.getVisible() && containsCoordinate(extent, to);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of [...this.people.keys()].filter((known) => !ids.has(known))) {
      const feature = this.source.getFeatureById(id) as Feature<Point> | null;
      if (feature) this.source.removeFeature(feature);
      const person = this.people.get(id);
      this.people.delete(id);
      this.glides.stop(id);
      if (person) this.pulse({ ...person, state: "offline" });
    }
  }

  /** Where the sign of `id` is drawn just now. */
  at(id: string): [number, number] | null {
    const point = (this.source.getFeatureById(id) as Feature<Point> | null)?.getGeometry();
    return point ? fromMap(point.getCoordinates()) : null;
  }

  emphasise(chosen: string | null, hovered: string | null): void {
    if (chosen === this.chosen && hovered === this.hovered) return;
    this.chosen = chosen;
    this.hovered = hovered;
    this.layer.changed();
  }

  setVisible(visible: boolean): void {
    this.layer.setVisible(visible);
    for (const overlay of this.pulses.values())
      overlay.getElement()?.classList.toggle("hidden", !visible);
  }

  private place(id: string, at: Coordinate): void {
    const feature = this.source.getFeatureById(id) as Feature<Point> | null;
    feature?.getGeometry()?.setCoordinates(at);
    this.pulses.get(id)?.setPosition(at);
  }

  /** The pulse of an SOS is a CSS animation: the canvas need not be drawn again for it. */
  private pulse(person: PersonOnMap): void {
    const overlay = this.pulses.get(person.id);
    if (person.state === "sos" && !overlay) {
      const element = document.createElement("div");
      element.className = "sos-pulse";
      const made = new Overlay({
        element,
        position: toMap([person.lon, person.lat]),
        positioning: "center-center",
        stopEvent: false,
      });
      this.pulses.set(person.id, made);
      this.map.addOverlay(made);
    } else if (person.state !== "sos" && overlay) {
      this.map.removeOverlay(overlay);
      this.pulses.delete(person.id);
    }
  }

  paint(palette: Palette): void {
    const ring = new Style({
      image: new Circle({
        radius: 17,
        stroke: new Stroke({ color: palette.accent, width: 3 }),
        fill: new Fill({ color: palette.accentFill }),
        declutterMode: "none",
      }),
      zIndex: 0,
    });
    this.layer.setStyle((feature, resolution) => {
      const person = this.people.get(String(feature.getId()));
      if (!person) return undefined;
      const marked = person.id === this.chosen || person.id === this.hovered;
      const icon = new Style({
        image: iconOf(`${person.state}|${turnOf(person)}`),
        zIndex: marked ? 20 : RANK[person.state],
      });
      if (marked || resolution < NAMES_BELOW || person.state === "sos")
        icon.setText(
          new Text({
            text: person.name,
            font: `${marked ? "600 13px" : "12px"} ${FONT}`,
            offsetY: 21,
            fill: new Fill({ color: palette.text }),
            stroke: new Stroke({ color: palette.ground, width: 4 }),
            // What one points at must be named, whatever is in the way.
            declutterMode: marked ? "none" : "declutter",
          }),
        );
      return person.id === this.chosen ? [ring, icon] : icon;
    });
  }
}
