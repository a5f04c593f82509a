"""The Python client from PyPI against the API server whose kubeconfig is named; ends with an error where it is not as upstream."""

import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException


def typed(core, apps):
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="py")))
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="a", labels={"x": "1"}), data={"k": "v"})
    made = core.create_namespaced_config_map("py", body)
    assert made.metadata.uid and made.metadata.resource_version, made
    assert core.read_namespaced_config_map("a", "py").data == {"k": "v"}
    assert [c.metadata.name for c in core.list_namespaced_config_map("py", label_selector="x=1").items] == ["a"]
    assert core.patch_namespaced_config_map("a", "py", {"data": {"l": "w"}}).data == {"k": "v", "l": "w"}
    made.data = {"k": "new"}
    try:
        core.replace_namespaced_config_map("a", "py", made)
        raise AssertionError("a stale resourceVersion was taken")
    except ApiException as error:
        assert error.status == 409 and '"reason":"Conflict"' in error.body.replace(" ", ""), error
    deployment = client.V1Deployment(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1DeploymentSpec(
            replicas=1,
            selector=client.V1LabelSelector(match_labels={"app": "web"}),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels={"app": "web"}),
                spec=client.V1PodSpec(containers=[client.V1Container(name="c", image="i")]),
            ),
        ),
    )
    web = apps.create_namespaced_deployment("py", deployment)
    assert web.spec.strategy.type == "RollingUpdate" and web.spec.revision_history_limit == 10, web.spec
    scale = apps.patch_namespaced_deployment_scale("web", "py", {"spec": {"replicas": 3}})
    assert scale.spec.replicas == 3 and scale.status.selector == "app=web", scale
    status = apps.patch_namespaced_deployment_status("web", "py", {"status": {"replicas": 2}})
    assert status.status.replicas == 2 and status.spec.replicas == 3, status


def watched(core):
    seen = []
    version = core.list_namespaced_config_map("py").metadata.resource_version

    def follow():
        stream = watch.Watch().stream(
            core.list_namespaced_config_map, "py", resource_version=version, timeout_seconds=10)
        for event in stream:
            seen.append((event["type"], event["object"].metadata.name))
            if event["type"] == "DELETED":
                return

    thread = threading.Thread(target=follow)
    thread.start()
    core.create_namespaced_config_map("py", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="w")))
    core.patch_namespaced_config_map("w", "py", {"data": {"a": "b"}})
    core.delete_namespaced_config_map("w", "py")
    thread.join(15)
    assert seen == [("ADDED", "w"), ("MODIFIED", "w"), ("DELETED", "w")], seen


def custom(api):
    extensions = client.ApiextensionsV1Api(api)
    extensions.create_custom_resource_definition({
        "metadata": {"name": "things.py.example.com"},
        "spec": {
            "group": "py.example.com", "scope": "Namespaced",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "versions": [{
                "name": "v1", "served": True, "storage": True,
                "schema": {"openAPIV3Schema": {
                    "type": "object",
                    "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                }},
            }],
        },
    })
    for _ in range(100):
        found = extensions.read_custom_resource_definition("things.py.example.com")
        if any(c.type == "Established" and c.status == "True" for c in found.status.conditions or []):
            break
    objects = client.CustomObjectsApi(api)
    where = ("py.example.com", "v1", "py", "things")
    objects.create_namespaced_custom_object(*where, {
        "apiVersion": "py.example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": {"size": 1, "x": 2}})
    assert objects.get_namespaced_custom_object(*where, "t")["spec"] == {"size": 1}
    patched = objects.patch_namespaced_custom_object(*where, "t", {"spec": {"size": 2}})
    assert patched["spec"]["size"] == 2, patched


def by_discovery(api):
    found = dynamic.DynamicClient(api)
    services = found.resources.get(api_version="v1", kind="Service")
    body = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "d"}, "spec": {"ports": [{"port": 80}]}}
    made = services.create(body=body, namespace="py")
    assert made.spec.clusterIP, made
    applied = services.server_side_apply(body=body, namespace="py", field_manager="py", force_conflicts=True)
    assert applied.metadata.managedFields[0].operation in ("Apply", "Update"), applied.metadata
    slices = found.resources.get(api_version="discovery.k8s.io/v1", kind="EndpointSlice")
    assert slices.get(namespace="py").items == []


def main():
    config.load_kube_config(sys.argv[1])
    api = client.ApiClient()
    typed(client.CoreV1Api(api), client.AppsV1Api(api))
    watched(client.CoreV1Api(api))
    custom(api)
    by_discovery(api)
    print("ok")


main()
