"""A function's code, as the API takes it."""

import io
import zipfile


def package(name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return {"ZipFile": out.getvalue()}
