import Glibc

/// The few file operations that an embedded cluster needs.
enum Files {
    static func exists(_ path: String) -> Bool {
        status(path) != nil
    }

    /// Of the path itself: links are not followed.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status : nil
    }

    static func entries(_ folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The whole file, nil if it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            content += chunk[..<count]
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The last lines of a log, on one line.
    static func tail(_ path: String, lines: Int = 8) -> String {
        let content = read(path) ?? ""
        return content.split(separator: "\n").suffix(lines).joined(separator: " | ")
    }

    /// What a symbolic link points to; also `/proc/<pid>/cwd`.
    static func target(_ link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe characters.baseAddress.map { unsafe readlink(link, $0, characters.count) }
            }
        }
        guard let count, count > 0 else { return nil }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The path without links, `.` and `..`; nil if it does not exist.
    static func real(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Makes a folder that only its user can enter; an existing one must be just that.
    static func makePrivate(_ path: String, for user: ServerUser) throws(EmbeddedClusterError) {
        if unsafe mkdir(path, 0o700) == 0 {
            // The mask of the process may have taken bits away.
            let isOwned = unsafe !user.isOther || lchown(path, user.uid, user.gid) == 0
            guard isOwned, unsafe chmod(path, 0o700) == 0 else {
                throw .unusable(path: path, reason: problem())
            }
            return
        }
        guard errno == EEXIST, let status = status(path) else {
            throw .unusable(path: path, reason: problem())
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user.uid else {
            throw .unusable(
                path: path,
                reason: "it exists and is not a folder of the user \(user.name) "
                    + "(it belongs to uid \(status.st_uid))"
            )
        }
    }

    /// The words for `errno`.
    static func problem() -> String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}
