/// Finds the directory of an entry in the layer being unpacked, through the symbolic links of this layer and those below
/// it, which never lead out: `..` stops at the layer's root. Directories that only the layers below have are made here
/// with the attributes they have there.
struct LayerPath {
    let root: Directory
    let below: LayersBelow
    let limits: UnpackLimits
    /// The archive, for messages.
    let name: String

    struct Place {
        var directory: Directory
        /// From the root, without symbolic links.
        var path: [FileName]
        /// False below an opaque directory: the layers below show nothing here.
        var showsBelow = true
        /// Directories that were made on the way, with the time that they should have in the end.
        var made: [(path: [FileName], modified: TarTime)] = []
    }

    func find(_ steps: some Collection<PathStep>) throws(ImageError) -> Place {
        var places = [Place(directory: root, path: [], showsBelow: !root.isOpaque)]
        var rest = Array(steps.reversed())
        var links = 0
        var made: [(path: [FileName], modified: TarTime)] = []
        while let step = rest.popLast() {
            guard case .name(let component) = step else {
                if places.count > 1 { places.removeLast() }
                continue
            }
            let here = places[places.count - 1]
            switch try enter(component, from: here, noting: &made) {
            case .place(let place):
                guard places.count <= limits.depth else {
                    throw ImageError(.tooLarge, "\(name) has directories more than \(limits.depth) deep")
                }
                places.append(place)
            case .link(let target):
                links += 1
                guard links <= limits.links, target.count <= limits.pathBytes, let more = PathStep.parse(target),
                    rest.count < 10_000
                else { throw ImageError(.malformed, "\(name): too many symbolic links at \(component.text)") }
                if target.first == UInt8(ascii: "/") { places.removeSubrange(1...) }
                rest += more.reversed()
            }
        }
        var place = places[places.count - 1]
        place.made = made
        return place
    }

    private enum Entered {
        case place(Place)
        case link([UInt8])
    }

    private func enter(
        _ component: FileName, from here: Place, noting made: inout [(path: [FileName], modified: TarTime)]
    ) throws(ImageError) -> Entered {
        let path = here.path + [component]
        switch try here.directory.status(component)?.kind {
        case .directory:
            guard let directory = try here.directory.directory(component) else { break }
            return .place(
                Place(directory: directory, path: path, showsBelow: here.showsBelow && !directory.isOpaque))
        case .symbolicLink: return .link(try here.directory.linkTarget(component))
        case .whiteout:
            // Deleted, then made again: nothing from below may shine through.
            try here.directory.remove(component)
            let directory = try here.directory.makeDirectory(component, mode: 0o755)
            try directory.makeOpaque()
            return .place(Place(directory: directory, path: path, showsBelow: false))
        case nil: return try makeFromBelow(component, from: here, path: path, noting: &made)
        case .file, .other: break
        }
        throw notADirectory(path)
    }

    private func makeFromBelow(
        _ component: FileName, from here: Place, path: [FileName],
        noting made: inout [(path: [FileName], modified: TarTime)]
    ) throws(ImageError) -> Entered {
        switch here.showsBelow ? try below.find(path) : .nothing {
        case .nothing:
            let directory = try here.directory.makeDirectory(component, mode: 0o755)
            return .place(Place(directory: directory, path: path, showsBelow: here.showsBelow))
        case .directory(let original):
            let status = try original.status()
            let directory = try here.directory.makeDirectory(component, mode: 0o700)
            try FileAttributes(status).apply(to: directory.descriptor, name: component.text)
            made.append((path, status.modified))
            return .place(Place(directory: directory, path: path))
        case .symbolicLink(let target): return .link(target)
        case .other: throw notADirectory(path)
        }
    }

    private func notADirectory(_ path: [FileName]) -> ImageError {
        let text = path.map(\.text).joined(separator: "/")
        return ImageError(.malformed, "\(name) puts something below /\(text), which is no directory")
    }
}
