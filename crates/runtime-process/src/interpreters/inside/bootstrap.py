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

from awslambdaric import bootstrap  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402

# The client could ask for the next event in a thread of its own, made anew for each, so that signals
# reach Python code meanwhile. Functions without extensions are sent none, and a warm call would take
# a third longer.
client = LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"], use_thread_for_polling_next=False)
bootstrap.run(os.environ["_HANDLER"], client)
