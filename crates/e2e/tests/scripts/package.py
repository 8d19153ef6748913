"""A function's code or a layer's content, as the API takes it."""

import io
import zipfile


def package(name, text, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in {name: text, **more}.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o755 << 16  # A bootstrap must be executable.
            archive.writestr(entry, content)
    return {"ZipFile": out.getvalue()}
