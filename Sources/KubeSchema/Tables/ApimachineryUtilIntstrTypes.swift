// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apimachinery.pkg.util.intstr.
enum ApimachineryUtilIntstrTypes {
    static let text: StaticString = #"""
=io.k8s.apimachinery.pkg.util.intstr.IntOrString	intOrString
"""#
}
