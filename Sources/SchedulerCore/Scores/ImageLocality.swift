/// Prefers nodes that have the pod's images, the more the larger they are and the more nodes have them.
enum ImageLocality: ScorePlugin {
    static let name = PluginName.imageLocality

    /// Bytes that count as nothing, and that count as all, per container.
    private static let smallest: Int64 = 23 << 20
    private static let largest: Int64 = 1000 << 20

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        let nodes = Double(max(1, cluster.nodeCount))
        let images = pod.images.compactMap { name in
            cluster.imageNodes[name].map { Score.Image(name: name, share: Double($0) / nodes) }
        }
        guard !images.isEmpty else { return nil }
        return Score(images: images, containers: Int64(pod.images.count))
    }

    private struct Score: NodeScore {
        struct Image: Sendable {
            let name: String
            /// Of the nodes that have it.
            let share: Double
        }

        let images: [Image]
        let containers: Int64

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            let bytes = images.reduce(Int64(0)) { sum, image in
                guard let size = info.node.images[image.name] else { return sum }
                return sum.addingClamped(Int64(clamping: Int64(Double(min(max(size, 0), 1 << 50)) * image.share)))
            }
            let most = ImageLocality.largest * containers
            let bounded = min(max(bytes, ImageLocality.smallest), most)
            return maximumScore * (bounded - ImageLocality.smallest) / (most - ImageLocality.smallest)
        }
    }
}
