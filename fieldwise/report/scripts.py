"""The scripts that draw charts, as one text that is put into the page."""

from functools import lru_cache
from importlib.resources import files

from fieldwise.errors import MissingExtraError

__all__ = ["drawing_script", "page_file"]

SNIPPET = "window.vegaEmbed = vegaEmbed;"


@lru_cache(maxsize=1)
def drawing_script() -> str:
    """Bundle Vega, Vega-Lite and Vega-Embed; they come with vl-convert.

    Returns:
        JavaScript that sets ``window.vegaEmbed``; nothing in it ends a script element.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    try:
        import vl_convert
    except ImportError as error:
        message = (
            "a report needs vl-convert. Install it with: pip install "
            "'fieldwise[report]'"
        )
        raise MissingExtraError(message) from error
    bundle = str(vl_convert.javascript_bundle(SNIPPET))
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def page_file(name: str) -> str:
    """Read a part of the page.

    Args:
        name: of a file in the folder ``page``.

    Returns:
        Its text.
    """
    return (files("fieldwise.report") / "page" / name).read_text("utf-8")
