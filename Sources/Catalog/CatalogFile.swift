/// One file of the catalog's directory, as it was read.
package struct CatalogFile: Sendable, Hashable {
    /// The path as a person would name it: problems show it.
    package let path: String
    package let text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// Whether a file of this name is part of a catalog; a README beside the plans is not.
    package static func isCatalogFile(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    var isFeatures: Bool {
        path == "features.yaml" || path.hasSuffix("/features.yaml")
    }
}
