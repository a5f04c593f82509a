// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apimachinery.pkg.api.resource.
enum ApimachineryResourceTypes {
    static let text: StaticString = #"""
=io.k8s.apimachinery.pkg.api.resource.Quantity	quantity
"""#
}
