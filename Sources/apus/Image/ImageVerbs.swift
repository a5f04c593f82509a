import ArgumentParser
import Foundation
import Glibc
import Images
import KubeAPI
import NodeServices
import Threads

/// Where the store is, for every verb.
struct ImagePlace: ParsableArguments {
    @Option(help: "The directory of the images.") var imageDir = "/var/lib/apus/images"

    /// Runs what blocks on a thread of its own.
    func withStore<Value: Sendable>(
        registry: RegistryOptions = RegistryOptions(), _ body: @escaping @Sendable (ImageStore) throws -> Value
    ) async throws -> Value {
        guard geteuid() == 0 else {
            throw ValidationError("images keep their files' owners, which needs root: run it with sudo")
        }
        let directory = imageDir
        return try await OwnThread.wait { try body(try ImageStore(directory: directory, registry: registry)) }
    }

    static func show(_ image: StoredImage) {
        print("\(image.references.first ?? "<none>")  \(image.digest)  \(ImageList.size(image.size))")
    }
}

struct ImageImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Add the images of archives: OCI layouts or what 'docker save' writes.")

    @Argument(help: "A tar, tar.gz or OCI layout's directory each; - is standard input.") var archives: [String]
    @Option(help: "What to call the image, for an archive of one.") var name: String?
    @OptionGroup var place: ImagePlace

    func run() async throws {
        let (archives, name) = (archives, name)
        let images = try await place.withStore { store in
            try archives.flatMap { try store.importArchive($0, name: name) }
        }
        images.forEach(ImagePlace.show)
    }
}

struct ImagePull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch an image from its registry.",
        discussion: "Credentials come from a Docker config.json; loopback registries may speak plain HTTP.")

    @Argument(help: "The image.") var image: String
    @Option(help: "A Docker config.json with credentials.") var credentials: String?
    @Option(help: "Registries (host or host:port) that speak plain HTTP.") var plainHttp: [String] = []
    @Option(help: "A PEM file with further authorities.") var certificateAuthority: String?
    @OptionGroup var place: ImagePlace

    func run() async throws {
        var registry = RegistryOptions()
        registry.plainHosts = Set(plainHttp)
        registry.authoritiesFile = certificateAuthority
        let store = try await place.withStore(registry: registry) { $0 }
        let login = try credentials.map { path in
            try DockerConfig(Array(try Data(contentsOf: URL(filePath: path)))).credentials(
                for: try ImageReference(image))
        }
        ImagePlace.show(try await store.pull(image, credentials: login ?? nil))
    }
}

struct ImageBuildLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build-lab", abstract: "Make the image apus/lab of what is on this machine.",
        discussion: """
            It holds Debian's static busybox (a shell, wget, nslookup) and this program with its libraries: its command is
            'apus lab echo', its client 'apus lab request'.
            """)

    @Option(help: "A static busybox (Debian's package busybox-static).") var busybox = LabImageFile.usualBusybox
    @OptionGroup var place: ImagePlace

    func run() async throws {
        let busybox = busybox
        let image = try await place.withStore { store in
            try LabImageFile.build(in: store, busybox: busybox)
        }
        ImagePlace.show(image)
    }
}

struct ImageList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the images.")

    @OptionGroup var place: ImagePlace

    func run() async throws {
        let images = try await place.withStore { try $0.list() }
        let rows = images.flatMap { image in
            (image.references.isEmpty ? ["<none>"] : image.references).map { ($0, image) }
        }.sorted { $0.0 < $1.0 }
        let width = rows.map(\.0.count).max() ?? 0
        for (name, image) in rows {
            let padding = String(repeating: " ", count: width - name.count)
            print("\(name)\(padding)  \(image.digest.dropFirst(7).prefix(12))  \(Self.size(image.size))")
        }
    }

    /// Decimal units, as Docker shows them.
    static func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(bytes)B" : "\(Int(value)).\(Int(value * 10) % 10)\(units[unit])"
    }
}

struct ImageInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what an image is made of, as JSON.")

    @Argument(help: "The image: a name, a digest or the beginning of its ID.") var image: String
    @OptionGroup var place: ImagePlace

    func run() async throws {
        let name = image
        guard let image = try await place.withStore({ try $0.image(name) }) else {
            throw ValidationError("there is no image \(name) here: see 'apus image list'")
        }
        func list(_ items: [String]) -> JSONValue { .array(items.map { .string($0) }) }
        let config = image.config
        print(
            JSONWriter.text(
                [
                    "digest": .string(image.digest), "references": list(image.references),
                    "bytes": .integer(image.size),
                    "entrypoint": list(config.entrypoint), "command": list(config.cmd), "environment": list(config.env),
                    "user": .string(config.user), "workingDirectory": .string(config.workingDir),
                    "stopSignal": .string(config.stopSignal), "exposedPorts": list(config.exposedPorts),
                    "volumes": list(config.volumes),
                    "labels": .object(
                        JSONObject(config.labels.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
                    "layers": list(image.layerDirectories),
                ], .pretty))
    }
}

struct ImageRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Forget images; layers that containers have mounted stay until they are gone.")

    @Argument(help: "The images.") var images: [String]
    @OptionGroup var place: ImagePlace

    func run() async throws {
        let names = images
        try await place.withStore { store in
            for name in names {
                guard try store.image(name) != nil else {
                    throw ValidationError("there is no image \(name) here: see 'apus image list'")
                }
                try store.remove(name)
            }
        }
    }
}

struct ImagePrune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove images without a name, and what crashes left.")

    @Flag(help: "Remove named images too, but none whose files are mounted.") var all = false
    @OptionGroup var place: ImagePlace

    func run() async throws {
        let all = all
        for digest in try await place.withStore({ try $0.prune(all: all) }) { print(digest) }
    }
}
