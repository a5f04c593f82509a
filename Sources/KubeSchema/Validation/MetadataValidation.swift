import KubeAPI

/// The rules of metav1.ObjectMeta, which hold for every kind.
extension Findings {
    static let annotationsLimit = 256 << 10
    private static let standardFinalizers: Set<String> = ["kubernetes", "orphan", "foregroundDeletion"]

    /// `names` is the format of the kind's names; `isNamespaced` nil when it is not known here.
    mutating func metadata(
        _ metadata: FieldCursor, old: FieldCursor?, names: (String) -> [String], isNamespaced: Bool?,
        hasPlainFinalizers: Bool = false
    ) {
        objectName(metadata, names)
        switch isNamespaced {
        case true?: requireFormat(metadata["namespace"], NameFormats.dns1123Label)
        case false? where !metadata["namespace"].isEmpty:
            forbidden(metadata["namespace"], "not allowed on this type")
        default: break
        }
        if let generation = metadata["generation"].integer, generation < 0 {
            invalid(metadata["generation"], "must be greater than or equal to 0")
        }
        labels(metadata["labels"])
        annotations(metadata["annotations"])
        ownerReferences(metadata["ownerReferences"])
        finalizers(metadata["finalizers"], isBuiltin: isNamespaced != nil && !hasPlainFinalizers)
        managedFields(metadata["managedFields"])
        if let old { metadataUpdate(metadata, old) }
    }

    private mutating func objectName(_ metadata: FieldCursor, _ names: (String) -> [String]) {
        let (name, prefix) = (metadata["name"], metadata["generateName"])
        if !prefix.isEmpty {
            var text = prefix.string
            // What is appended begins with a letter or digit, so a dash at the end is one in the middle.
            if text.utf8.count > 1, text.hasSuffix("-") { text = String(text.dropLast(2)) + "a" }
            invalid(prefix, names(text))
        }
        if name.isEmpty {
            missing(name, "name or generateName is required")
        } else {
            invalid(name, names(name.string))
        }
    }

    mutating func annotations(_ annotations: FieldCursor) {
        var size = 0
        for (key, value) in annotations.entries {
            for finding in NameFormats.qualifiedName(key.lowercased()) {
                add(FieldError(.invalid, annotations.path, .string(key), finding))
            }
            size += key.utf8.count + value.string.utf8.count
        }
        if size > Self.annotationsLimit { tooLong(annotations, Self.annotationsLimit) }
    }

    private mutating func ownerReferences(_ references: FieldCursor) {
        var controller: String?
        for reference in references.items {
            // Upstream's paths have no index here.
            let field = references.holding(reference.value)
            if field["apiVersion"].isEmpty { invalid(field["apiVersion"], "version must not be empty") }
            for name in ["kind", "name", "uid"] where field[name].isEmpty {
                invalid(field[name], "\(name) must not be empty")
            }
            if field["apiVersion"].string == "v1", field["kind"].string == "Event" {
                invalid(field, "/v1, Kind=Event is disallowed from being an owner")
            }
            guard field["controller"].isTrue else { continue }
            if let controller {
                invalid(
                    references,
                    "Only one reference can have Controller set to true. Found \"true\" in references for \(controller) "
                        + "and \(field["name"].string)")
            }
            controller = field["name"].string
        }
    }

    private mutating func finalizers(_ finalizers: FieldCursor, isBuiltin: Bool) {
        let names = Set(finalizers.items.map(\.string))
        for finalizer in finalizers.items {
            let field = finalizers.holding(finalizer.value)
            invalid(field, NameFormats.qualifiedName(field.string))
            if isBuiltin, !field.string.contains("/"), !Self.standardFinalizers.contains(field.string) {
                invalid(finalizer, "name is neither a standard finalizer name nor is it fully qualified")
            }
        }
        if names.contains("orphan"), names.contains("foregroundDeletion") {
            invalid(finalizers, "finalizer orphan and foregroundDeletion cannot be both set")
        }
    }

    private mutating func managedFields(_ list: FieldCursor) {
        for entry in list.items {
            if !["Apply", "Update"].contains(entry["operation"].string) {
                invalid(entry["operation"], "must be `Apply` or `Update`")
            }
            if !entry["fieldsType"].isEmpty, entry["fieldsType"].string != "FieldsV1" {
                invalid(entry["fieldsType"], "must be `FieldsV1`")
            }
            atMost(entry["manager"], bytes: 128)
        }
    }

    private mutating func metadataUpdate(_ metadata: FieldCursor, _ old: FieldCursor) {
        for name in ["name", "namespace", "uid", "creationTimestamp"] {
            immutableOnceSet(metadata[name], old[name])
        }
        if old["deletionTimestamp"].isSet {
            immutable(metadata["deletionTimestamp"], old["deletionTimestamp"])
            let before = Set(old["finalizers"].items.map(\.string))
            let new = metadata["finalizers"].items.map(\.string).filter { !before.contains($0) }
            if !new.isEmpty {
                let list = new.map { "\"\($0)\"" }.joined(separator: ", ")
                forbidden(
                    metadata["finalizers"],
                    "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"
                )
            }
        } else if metadata["deletionTimestamp"].isSet {
            immutable(metadata["deletionTimestamp"], old["deletionTimestamp"])
        }
        if let before = old["generation"].integer, let now = metadata["generation"].integer, now < before {
            invalid(metadata["generation"], "must not be decremented")
        }
    }
}
