"""Runs AWS's SAM translator on templates: one JSON map in, one JSON map out."""

import json
import sys

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

answers = {}
for name, document in json.load(sys.stdin).items():
    translator = Translator({}, Parser())
    try:
        answers[name] = translator.translate(document, {"Given": "given-value"})
    except Exception as error:  # the answer is the error
        answers[name] = {"error": getattr(error, "message", repr(error)) + str([c.message for c in getattr(error, "causes", [])])}
json.dump(answers, sys.stdout)
