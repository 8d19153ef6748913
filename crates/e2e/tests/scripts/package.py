"""A function's code or a layer's content, as the API takes it."""

import io
import zipfile


def package(name, text, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in {name: text, **more}.items():
            archive.writestr(path, content)
    return {"ZipFile": out.getvalue()}
