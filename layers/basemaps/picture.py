"""What a tile's bytes are, by their first ones: what a server says of them is not believed."""


def image_type(content: bytes) -> str | None:
    """The media type of a picture that every browser draws and that cannot hold a script; else None."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    return None
