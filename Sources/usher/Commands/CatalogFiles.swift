import ArgumentParser
import Catalog
import Entitlements
import FoundationEssentials

/// The directory of a catalog, one file a plan.
struct CatalogFiles: ParsableArguments {
    @Argument(help: "The catalog's directory. Default: USHER_PLANS_DIR, else plans.")
    var directory: String?

    /// The contents of a catalog's files by their names.
    struct Contents {
        let directory: String
        let files: [String: String]

        /// As the API takes them.
        var json: JSON { .object(files.mapValues { .string($0) }) }

        /// As the parser takes them, with paths that an editor can open.
        var catalogFiles: [CatalogFile] {
            files.map { CatalogFile(path: "\(directory)/\($0.key)", text: $0.value) }
        }
    }

    /// Reads every YAML file right in the directory.
    ///
    /// - Throws: Which directory or file cannot be read, and why.
    func read() throws(CommandFailure) -> Contents {
        try Self.read(directory ?? ProcessEnvironment.value("USHER_PLANS_DIR") ?? "plans")
    }

    /// Reads every YAML file right in a directory, see ``read()``.
    static func read(_ name: String) throws(CommandFailure) -> Contents {
        var directory = name
        while directory.count > 1, directory.last == "/" { directory.removeLast() }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw CommandFailure(
                "The directory '\(directory)' cannot be read; "
                    + "name the catalog's directory, or set USHER_PLANS_DIR."
            )
        }
        var files: [String: String] = [:]
        for name in names where CatalogFile.isCatalogFile(name) {
            files[name] = try text(of: "\(directory)/\(name)")
        }
        guard !files.isEmpty else {
            throw CommandFailure("The directory '\(directory)' has no .yaml file.")
        }
        return Contents(directory: directory, files: files)
    }

    private static func text(of path: String) throws(CommandFailure) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("The file '\(path)' cannot be read.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure("The file '\(path)' is not UTF-8; save it as UTF-8.")
        }
        return text
    }
}
