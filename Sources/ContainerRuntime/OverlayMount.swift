import Glibc

/// A container's root: an image's layers below, what the container writes above.
enum OverlayMount {
    /// One page, less the kernel's own.
    private static let optionLimit = 4000

    /// Mounts at `folder/rootfs`, with `folder/upper` and `folder/work`.
    static func mount(layers: [String], folder: String) throws(RuntimeFailure) {
        for name in ["rootfs", "upper", "work"] { try Files.makeFolder("\(folder)/\(name)") }
        guard let lowest = layers.last else { throw RuntimeFailure("the image has no layers") }
        guard !layers.contains(where: { $0.contains(":") || $0.contains(",") }) else {
            throw RuntimeFailure(
                "a layer's folder has ':' or ',' in its path, which overlayfs does not take: \(lowest)")
        }
        let options =
            "lowerdir=\(layers.joined(separator: ":")),upperdir=\(folder)/upper,workdir=\(folder)/work"
        guard options.utf8.count <= optionLimit else {
            throw RuntimeFailure("the image has too many layers for one overlay mount: \(layers.count)")
        }
        guard Glibc.mount("overlay", "\(folder)/rootfs", "overlay", 0, options) == 0 else {
            throw .last("mount the container's root at \(folder)/rootfs")
        }
    }
}
