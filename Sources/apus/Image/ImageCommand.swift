import ArgumentParser

struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Keep container images: import, pull, list, remove.",
        discussion: """
            The images of this node are below one directory, which the agent uses too; changes are seen at once.

            Examples:
              apus image import busybox.tar
              apus image pull registry.k8s.io/pause:3.9
              apus image build-lab
              apus image list
              apus image inspect busybox
              apus image rm busybox
              apus image prune --all
            """,
        subcommands: [
            ImageImport.self, ImagePull.self, ImageBuildLab.self, ImageList.self, ImageInspect.self, ImageRemove.self,
            ImagePrune.self,
        ])
}
