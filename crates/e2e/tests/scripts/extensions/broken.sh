#!/bin/sh
# An extension that cannot start.
echo "the extension has no configuration"
exit 3
