import KubeAPI

extension Defaults {
    static let autoscaling: [String: Function] = [
        "autoscaling/v1/HorizontalPodAutoscaler": { object in
            object.edit("spec") { spec in
                spec.setDefault("minReplicas", 1)
                spec.setDefault("targetCPUUtilizationPercentage", 80)
            }
        },
        "autoscaling/v2/HorizontalPodAutoscaler": { object in
            object.edit("spec") { spec in
                spec.setDefault("minReplicas", 1)
                spec.setIfEmpty("metrics", cpuAtEighty)
                spec.edit("behavior", behavior)
            }
        },
    ]

    private static let cpuAtEighty: JSONValue = [
        [
            "type": "Resource",
            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
        ]
    ]

    private static func behavior(_ behavior: inout JSONValue) {
        behavior.make("scaleUp") { rules in
            rules.setDefault("stabilizationWindowSeconds", 0)
            rules.setDefault("selectPolicy", "Max")
            rules.setIfEmpty(
                "policies",
                [
                    ["type": "Pods", "value": 4, "periodSeconds": 15],
                    ["type": "Percent", "value": 100, "periodSeconds": 15],
                ])
        }
        behavior.make("scaleDown") { rules in
            rules.setDefault("selectPolicy", "Max")
            rules.setIfEmpty("policies", [["type": "Percent", "value": 100, "periodSeconds": 15]])
        }
    }
}
