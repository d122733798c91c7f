import Glibc

/// The account that the embedded server runs as: `postgres` if we are root, otherwise our own.
struct ServerUser: Sendable, Equatable {
    let name: String
    let uid: uid_t
    let gid: gid_t
    /// Whether we have to change to it.
    let isOther: Bool

    static func current() throws(EmbeddedClusterError) -> ServerUser {
        guard geteuid() == 0 else {
            guard let entry = unsafe getpwuid(geteuid()) else {
                throw .noUser(
                    reason: "the uid \(geteuid()) has no entry in /etc/passwd, which Postgres asks "
                        + "for. Add one, or set USHER_DATABASE_URL"
                )
            }
            let name = unsafe String(cString: entry.pointee.pw_name)
            return ServerUser(name: name, uid: geteuid(), gid: getegid(), isOther: false)
        }
        guard let entry = unsafe getpwnam("postgres") else {
            throw .noUser(
                reason: "Postgres refuses to run as root and there is no user postgres. "
                    + "Add one (useradd --system postgres), or start Usher as another user"
            )
        }
        let (uid, gid) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
        return ServerUser(name: "postgres", uid: uid, gid: gid, isOther: true)
    }

    /// A command line that runs `arguments` as this user, and interrupts them when we die.
    func command(_ arguments: [String]) throws(EmbeddedClusterError) -> [String] {
        let candidates = ["/usr/bin/setpriv", "/bin/setpriv"]
        guard let setpriv = candidates.first(where: { unsafe access($0, X_OK) == 0 }) else {
            guard isOther else { return arguments }
            throw .noUser(
                reason: "setpriv, which changes from root to postgres, is missing. "
                    + "Install it: apt install util-linux"
            )
        }
        let change = ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups"]
        return [setpriv] + (isOther ? change : []) + ["--pdeathsig", "INT"] + arguments
    }

    /// Whether this user may pass through a folder, by its mode.
    func canEnter(_ folder: stat) -> Bool {
        let mode = folder.st_mode
        if folder.st_uid == uid { return mode & S_IXUSR != 0 }
        if folder.st_gid == gid { return mode & S_IXGRP != 0 }
        return mode & S_IXOTH != 0
    }
}
