import KubeAPI

extension Validation {
    static let mirrorAnnotation = "kubernetes.io/config.mirror"

    @Sendable static func pod(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, metadata) = (object["spec"], object["metadata"])
        podAnnotations(metadata["annotations"], spec, &findings)
        PodSpecValidation.check(spec, .init(podName: metadata["name"].string), &findings)
        guard let old else {
            if !spec["ephemeralContainers"].isEmpty {
                findings.forbidden(spec["ephemeralContainers"], "cannot be set on create")
            }
            if !spec["nodeName"].isEmpty, !spec["schedulingGates"].isEmpty {
                findings.forbidden(spec["nodeName"], "cannot be set until all schedulingGates have been cleared")
            }
            return
        }
        podAnnotationUpdate(metadata["annotations"], old["metadata"]["annotations"], &findings)
        PodUpdate(spec: spec, old: old["spec"]).check(&findings)
    }

    @Sendable static func podTemplateObject(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        podTemplate(object["template"], &findings)
    }

    /// metadata and spec of the pods to be made.
    static func podTemplate(
        _ template: FieldCursor, in context: PodSpecValidation.Context = .init(), _ findings: inout Findings
    ) {
        // Upstream's paths leave metadata out.
        findings.labels(template["labels"].holding(template["metadata"]["labels"].value))
        let annotations = template["annotations"].holding(template["metadata"]["annotations"].value)
        findings.annotations(annotations)
        podAnnotations(annotations, template["spec"], &findings)
        PodSpecValidation.check(template["spec"], context, &findings)
        if !template["spec"]["ephemeralContainers"].isEmpty {
            findings.forbidden(
                template["spec"]["ephemeralContainers"], "ephemeral containers not allowed in pod template")
        }
    }

    // MARK: - Annotations

    static func podAnnotations(_ annotations: FieldCursor, _ spec: FieldCursor, _ findings: inout Findings) {
        let mirror = annotations[key: mirrorAnnotation]
        if mirror.isSet, spec["nodeName"].isEmpty {
            findings.invalid(mirror, "must set spec.nodeName if mirror pod annotation is present")
        }
        let cost = annotations[key: "controller.kubernetes.io/pod-deletion-cost"]
        if cost.isSet, Int32(cost.string)?.description != cost.string {
            findings.invalid(cost, "must be a 32bit integer")
        }
    }

    static func podAnnotationUpdate(_ annotations: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let (now, before) = (annotations[key: mirrorAnnotation], old[key: mirrorAnnotation])
        if before.isSet, now.value != before.value {
            findings.forbidden(now, "may not remove or update mirror pod annotation")
        } else if now.isSet, !before.isSet {
            findings.forbidden(now, "may not add mirror pod annotation")
        }
    }
}
