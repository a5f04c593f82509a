import KubeAPI
import StoreCore

/// What changes of the store are to the watches of one selection and form.
struct WatchFrames: Sendable {
    let selection: Selection
    let encoder: WatchEncoder
    let shared: SharedEvents
    let apiVersion: String

    private var form: OutputForm { encoder.encoder.form }

    /// nil where the watch does not see it. An object that begins to be selected is new to it, and one that ceases to be
    /// is deleted.
    func frame(_ event: StoreEvent, isFirst: Bool = false) throws -> [UInt8]? {
        let isNow = try event.kind == .put && matches(event.keyValue, event, isPrevious: false)
        let wasBefore = try event.previous.map { try matches($0, event, isPrevious: true) } ?? false
        let type: WatchEncoder.EventType
        let shown: KeyValue
        switch (wasBefore, isNow, event.previous) {
        case (false, true, _): (type, shown) = (.added, event.keyValue)
        case (true, true, _): (type, shown) = (.modified, event.keyValue)
        case (true, false, let previous?): (type, shown) = (.deleted, previous)
        default: return nil
        }
        let showsColumns = isFirst && form.shape != .object
        let make = { try encoder.frame(type, shown, revision: event.revision, isFirst: showsColumns) }
        if showsColumns { return try make() }
        let key = SharedEvents.Key(
            revision: event.revision, key: event.key, apiVersion: apiVersion, type: type, form: form,
            rowObjects: encoder.encoder.rowObjects)
        return try shared.frame(key, make)
    }

    /// An object that was there before; nil where the watch does not see it.
    func initialFrame(_ keyValue: KeyValue, isFirst: Bool) throws -> [UInt8]? {
        if !selection.isEverything {
            let object = try encoder.encoder.stored.tree(keyValue, leavingOut: JSONParser.managedFields)
            guard selection.matches(object) else { return nil }
        }
        return try encoder.frame(.added, keyValue, revision: keyValue.modRevision, isFirst: isFirst)
    }

    private func matches(_ keyValue: KeyValue, _ event: StoreEvent, isPrevious: Bool) throws -> Bool {
        if selection.isEverything { return true }
        let key = SharedEvents.TreeKey(
            revision: event.revision, key: event.key, apiVersion: apiVersion, isPrevious: isPrevious)
        let tree = try shared.tree(key, cost: keyValue.value.count) {
            try encoder.encoder.stored.tree(keyValue, leavingOut: JSONParser.managedFields)
        }
        return selection.matches(tree)
    }
}
