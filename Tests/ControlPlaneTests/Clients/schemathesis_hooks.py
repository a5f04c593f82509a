"""What schemathesis must know of a Kubernetes API: which requests would last for ever, and which namespace is there."""

import schemathesis


@schemathesis.hook
def before_call(ctx, case, kwargs):
    for name in ("watch", "follow"):
        case.query.pop(name, None)
    if "namespace" in (case.path_parameters or {}):
        case.path_parameters["namespace"] = "default"
