import NodeServices
import Threads

extension ImageStore: ImageService {
    public func credentials(in secret: [UInt8], for reference: String) -> ImageCredentials? {
        guard let config = try? DockerConfig(secret), let reference = try? ImageReference(reference) else { return nil }
        return config.credentials(for: reference)
    }

    /// Fetches an image and unpacks it, unless the registry's manifest is here already. Pulls of one image join, and so do
    /// those of one layer.
    public func pull(_ reference: String, credentials: ImageCredentials? = nil) async throws -> StoredImage {
        let reference = try ImageReference(reference)
        // Who has no right to an image must not get it because somebody else fetches it.
        let key = [reference.description, credentials?.username ?? "", credentials?.password ?? ""].joined(
            separator: "\n")
        return try await pulls.value(key) { try await self.fetch(reference, credentials) }
    }

    private func fetch(_ reference: ImageReference, _ credentials: ImageCredentials?) async throws -> StoredImage {
        // Nobody may take downloads for garbage meanwhile.
        let lock = try await onThread { HeldLock(try StoreLock(self.layout.contentLock, .shared)) }
        defer { withExtendedLifetime(lock) {} }
        let client = RegistryClient(reference, credentials: credentials, options: registry)
        do {
            let image = try await fetch(reference, client)
            await client.shutdown()
            return image
        } catch {
            await client.shutdown()
            throw error
        }
    }

    private func fetch(_ reference: ImageReference, _ client: RegistryClient) async throws -> StoredImage {
        let (manifest, image, listDigest) = try await manifest(reference, client)
        let config = try await client.smallBlob(image.config, limit: ConfigDocument.byteLimit)
        let document = try ConfigDocument(config, name: reference.description)
        guard document.diffIDs.count == image.layers.count else {
            throw ImageError(
                .malformed,
                "\(reference) has \(image.layers.count) layers and a configuration for \(document.diffIDs.count)")
        }
        let chain = document.chainIDs
        let missing = try await onThread { self.missing(of: chain) }
        let blobs = try await download(missing.map { image.layers[$0] }, client)
        let content = ImageContent(
            manifest: manifest.bytes, config: config,
            layers: image.layers.map { layer in
                LayerContent(digest: layer.digest) {
                    // One that was here a moment ago and is not any more.
                    guard let blob = blobs[layer.digest] else {
                        throw ImageError(.notFound, "a layer of \(reference) was removed meanwhile; pull again")
                    }
                    return try FileSource(path: blob.path)
                }
            }, name: reference.description)
        return try await onThread {
            try self.add(content, references: [reference], listDigest: listDigest, isLocal: false)
        }
    }

    private func manifest(
        _ reference: ImageReference, _ client: RegistryClient
    ) async throws -> (RegistryClient.FetchedManifest, ImageManifest, listDigest: Digest?) {
        let first = try await client.manifest(reference.digest?.description ?? reference.tag ?? "latest")
        switch try Manifest.parse(first.bytes, name: "the manifest of \(reference)") {
        case .image(let image): return (first, image, nil)
        case .list(let list):
            guard let chosen = platform.choose(among: list) else {
                throw ImageError(.unsupported, "\(reference) has no image for \(platform)")
            }
            let second = try await client.manifest(chosen.digest.description)
            guard case .image(let image) = try Manifest.parse(second.bytes, name: "the manifest of \(reference)") else {
                throw ImageError(.malformed, "\(reference) has lists of manifests in lists")
            }
            return (second, image, first.digest)
        }
    }

    /// Fetches blobs, a few at a time.
    private func download(
        _ layers: [Descriptor], _ client: RegistryClient
    ) async throws -> [Digest: DownloadedBlob] {
        try await withThrowingTaskGroup(of: DownloadedBlob.self) { group in
            var blobs: [Digest: DownloadedBlob] = [:]
            for (index, layer) in layers.uniqued(by: \.digest).enumerated() {
                if index >= registry.parallelDownloads, let blob = try await group.next() {
                    blobs[blob.descriptor.digest] = blob
                }
                group.addTask { try await self.download(layer, client) }
            }
            while let blob = try await group.next() { blobs[blob.descriptor.digest] = blob }
            return blobs
        }
    }

    private func download(_ layer: Descriptor, _ client: RegistryClient) async throws -> DownloadedBlob {
        guard layer.size <= limits.bytes else {
            throw ImageError(.tooLarge, "layer \(layer.digest) is larger than \(limits.bytes) bytes")
        }
        return try await downloads.value(layer.digest) {
            let blob = try await onThread {
                try DownloadedBlob(layer, directory: try self.temporaryDirectory())
            }
            try await client.download(blob)
            return blob
        }
    }

    /// Indexes of layers that are not here.
    private func missing(of chain: [Digest]) -> [Int] {
        let present = Set((try? Directory(path: layout.layers).entries().map(\.text)) ?? [])
        return chain.indices.filter { !present.contains(chain[$0].hex) }
    }
}

/// Keeps a lock across suspensions.
private final class HeldLock: Sendable {
    private let lock: StoreLock
    init(_ lock: consuming StoreLock) { self.lock = lock }
}

/// Runs work that blocks on a fresh thread.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await OwnThread.wait(body)
}

extension Array {
    fileprivate func uniqued(by key: (Element) -> some Hashable) -> [Element] {
        var seen: Set<AnyHashable> = []
        return filter { seen.insert(AnyHashable(key($0))).inserted }
    }
}
