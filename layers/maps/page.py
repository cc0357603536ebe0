"""A folium page without a CDN.

folium links its scripts and styles from the internet. Here every link is replaced by the content of
the same file from an npm folder (`npm --prefix notebooks ci`), so that a page opens in an intranet
and still opens when it is mailed to somebody.
"""

import base64
import re
from pathlib import Path
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, Link
from jinja2 import Template

from gis.errors import InstallationError

# What folium links -> where npm puts it. A map of ours draws vectors only, so folium's jQuery,
# Bootstrap and icon fonts are not needed.
_FILES = {
    url: f"leaflet/dist/leaflet.{suffix}"
    for suffix, links in (("js", folium.Map.default_js), ("css", folium.Map.default_css))
    for name, url in links
    if name in ("leaflet", "leaflet_css")
}
_GROUND = "<style>.folium-map.leaflet-container { background: #F6F7F9 }</style>"
_STYLE_IMAGE = re.compile(r"url\((images/[\w-]+\.png)\)")


class OfflineMap(folium.Map):
    """A folium map whose page inlines what it needs from `assets`, a folder of npm packages."""

    def __init__(self, *, assets: Path, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self.default_js = [link for link in self.default_js if link[1] in _FILES]
        self.default_css = [link for link in self.default_css if link[1] in _FILES]
        _InliningFigure(assets).add_child(self)


class _InliningFigure(Figure):
    def __init__(self, assets: Path) -> None:
        super().__init__()
        self._assets = assets
        self.header.add_child(Element(_GROUND), name="ground")

    def render(self, **kwargs: Any) -> str:
        """As branca does it, but between the two halves of its work: the elements have put their
        links into the header, and the page is not yet written."""
        for element in self._children.values():
            element.render(**kwargs)
        for name, element in self.header._children.items():
            if isinstance(element, Link):
                self.header._children[name] = _Inlined(element, self._assets)
        return str(self._template.render(this=self, kwargs=kwargs))


class _Inlined(Element):
    _template = Template("<{{this.tag}}>{{this.content}}</{{this.tag}}>")

    def __init__(self, link: Link, assets: Path) -> None:
        super().__init__()
        if link.url not in _FILES:
            raise KeyError(
                f"The map links {link.url}, which would be a request to the internet; add its npm "
                "package to notebooks/package.json and the file to layers.maps.page."
            )
        file = assets / _FILES[link.url]
        self.tag = {JavascriptLink: "script", CssLink: "style"}[type(link)]
        self.content = _with_images(_read(file).decode(), file.parent)


def _with_images(text: str, folder: Path) -> str:
    def image(match: re.Match[str]) -> str:
        content = base64.b64encode(_read(folder / match[1])).decode()
        return f"url(data:image/png;base64,{content})"

    return _STYLE_IMAGE.sub(image, text)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise InstallationError(
            f"{file} is missing; run `npm --prefix notebooks ci` and pass notebooks/node_modules."
        ) from error
