import FoundationEssentials
import ProxyCore
import ProxyNftables

/// What should happen to a packet, and what the kernel holds for it.
public struct FullExplanation: Codable, Sendable, CustomStringConvertible {
    public let desired: Explanation
    /// nil when no Service is called, or when the kernel was not asked.
    public let kernel: KernelAccount?
    /// Why the kernel could not be asked.
    public let kernelFailure: String?

    public init(desired: Explanation, kernel: KernelAccount? = nil, kernelFailure: String? = nil) {
        self.desired = desired
        self.kernel = kernel
        self.kernelFailure = kernelFailure
    }

    /// The same as JSON.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    public var description: String {
        var text = "\(desired)"
        if !text.hasSuffix("\n") { text += "\n" }
        if let kernel { text += "\(kernel)" }
        if let kernelFailure { text += "Kernel: not read: \(kernelFailure)\n" }
        return text
    }
}
