/// What the layers below the one being unpacked show together, as overlayfs would show it.
struct LayersBelow {
    /// The topmost first.
    let layers: [Directory]

    enum Found {
        case nothing
        /// The topmost of the directories that are merged there.
        case directory(Directory)
        case symbolicLink(target: [UInt8])
        case other
    }

    /// - Parameter path: of directories that are no symbolic links, but for the last.
    func find(_ path: [FileName]) throws(ImageError) -> Found {
        guard let name = path.last else { return layers.first.map { .directory($0) } ?? .nothing }
        for layer in layers {
            switch try find(name, in: path.dropLast(), of: layer) {
            case .here(let found): return found
            case .hidden: return .nothing
            case .below: continue
            }
        }
        return .nothing
    }

    private enum Step {
        case here(Found)
        /// This layer hides what lower ones have.
        case hidden
        case below
    }

    private func find(
        _ name: FileName, in parents: ArraySlice<FileName>, of layer: Directory
    ) throws(ImageError) -> Step {
        var directory = layer
        var isOpaque = false
        for parent in parents {
            guard let status = try directory.status(parent) else { return isOpaque ? .hidden : .below }
            guard status.kind == .directory, let next = try directory.directory(parent) else { return .hidden }
            directory = next
            isOpaque = isOpaque || next.isOpaque
        }
        guard let status = try directory.status(name) else { return isOpaque ? .hidden : .below }
        switch status.kind {
        case .whiteout: return .hidden
        case .symbolicLink: return .here(.symbolicLink(target: try directory.linkTarget(name)))
        case .directory: return .here(try directory.directory(name).map { .directory($0) } ?? .other)
        case .file, .other: return .here(.other)
        }
    }
}
