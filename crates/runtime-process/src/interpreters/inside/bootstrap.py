"""Starts AWS's runtime client for Python (awslambdaric) with Lambda's module search path.

Runs with -S: what the host has in its site-packages is not part of the runtime.
"""

import os
import site
import sys

site.setquit()
site.sethelper()

task = os.environ["LAMBDA_TASK_ROOT"]
library = "python%d.%d" % sys.version_info[:2]
# The first entry is this file's folder; PYTHONPATH follows it.
sys.path[:1] = [task, "/opt/python/lib/%s/site-packages" % library, "/opt/python"]
sys.path += ["/var/runtime", "/var/runtime/python-sdk"]

from awslambdaric.__main__ import main  # noqa: E402

main(["awslambdaric", os.environ["_HANDLER"]])
