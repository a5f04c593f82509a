import KubeAPI

/// What all files together have said so far: turns each new reading of a file into what changes for the consumer.
///
/// Objects are not kept, only their digests; where one that was shadowed by another file comes to light, the caller is
/// asked to read its file again.
struct ManifestState {
    struct Change {
        var events: [ManifestEvent] = []
        /// Files to be read again and handed to `update`.
        var rereads: Set<String> = []
    }

    private struct Entry {
        let digest: Int
        let origin: ParsedManifest.Origin
        let position: TextPosition
    }

    private struct Record {
        /// Files with the object, in order; the first counts.
        var owners: [String] = []
        /// Digest of what the consumer has; nil when it has nothing.
        var told: Int?
    }

    private var files: [String: [ManifestObject.ID: Entry]] = [:]
    private var records: [ManifestObject.ID: Record] = [:]

    var fileNames: Set<String> { Set(files.keys) }

    mutating func remove(file: String) -> Change {
        var change = Change()
        let old = files.removeValue(forKey: file) ?? [:]
        for id in old.keys.sorted() {
            records[id]?.owners.removeAll { $0 == file }
            settle(id, file, nil, &change)
        }
        return change
    }

    mutating func update(_ parsed: ParsedManifest) -> Change {
        var change = Change(events: parsed.failures.map { .failure($0) })
        let file = parsed.file
        let old = files[file] ?? [:]
        var objects: [ManifestObject.ID: ManifestObject] = [:]
        var new: [ManifestObject.ID: Entry] = [:]
        for entry in parsed.entries {
            let id = entry.object.id
            if let first = new[id] {
                change.report(id, in: file, entry.position, isAlreadyIn: file, first.position)
                continue
            }
            objects[id] = entry.object
            new[id] = Entry(digest: entry.object.hashValue, origin: entry.origin, position: entry.position)
        }
        keepLastGood(of: old, in: &new, parsed)
        files[file] = new
        for id in Set(old.keys).union(new.keys).sorted() {
            setOwner(file, of: id, new[id] != nil, &change)
            settle(id, file, objects[id], &change)
        }
        return change
    }

    /// Objects that the new reading lacks stay where it may lack them by mistake.
    private func keepLastGood(
        of old: [ManifestObject.ID: Entry], in new: inout [ManifestObject.ID: Entry], _ parsed: ParsedManifest
    ) {
        guard parsed.hasUnknownBroken || !parsed.brokenOrigins.isEmpty else { return }
        let good = Set(parsed.entries.map(\.origin))
        for (id, entry) in old where new[id] == nil {
            let isBroken = parsed.brokenOrigins.contains(entry.origin)
            if isBroken || parsed.hasUnknownBroken && !good.contains(entry.origin) { new[id] = entry }
        }
    }

    private mutating func setOwner(
        _ file: String, of id: ManifestObject.ID, _ isOwner: Bool, _ change: inout Change
    ) {
        var record = records[id] ?? Record()
        if !isOwner {
            record.owners.removeAll { $0 == file }
        } else if !record.owners.contains(file) {
            record.owners.append(file)
            record.owners.sort()
            let first = record.owners[0]
            for other in record.owners.dropFirst() where other == file || first == file {
                change.report(
                    id, in: other, files[other]?[id]?.position, isAlreadyIn: first, files[first]?[id]?.position)
            }
        }
        records[id] = record
    }

    /// Tells what the consumer does not know yet. `object` is what `file` says, if it has just been read.
    private mutating func settle(
        _ id: ManifestObject.ID, _ file: String, _ object: ManifestObject?, _ change: inout Change
    ) {
        guard let record = records[id] else { return }
        guard let owner = record.owners.first else {
            if record.told != nil { change.events.append(.delete(id.kind, id.key)) }
            records[id] = nil
            return
        }
        guard let digest = files[owner]?[id]?.digest, digest != record.told else { return }
        if owner != file {
            change.rereads.insert(owner)
        } else if let object {
            change.events.append(.upsert(object))
            records[id]?.told = digest
        }
    }
}

extension ManifestState.Change {
    fileprivate mutating func report(
        _ id: ManifestObject.ID, in file: String, _ position: TextPosition?, isAlreadyIn first: String,
        _ firstPosition: TextPosition?
    ) {
        let place = firstPosition.map { "\(first):\($0.line)" } ?? first
        let reason = "\(id) is already in \(place), which counts"
        events.append(.failure(ManifestFailure(file: file, position: position, reason: reason)))
    }
}
