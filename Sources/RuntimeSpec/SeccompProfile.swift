import KubeAPI

/// The seccomp profile that `RuntimeDefault` means: everything that ordinary programs call, and what capabilities unlock.
/// It allows what the default profiles of the known runtimes allow; all else fails with EPERM.
public enum SeccompProfile {
    /// `linux.seccomp` for a container with these capabilities.
    public static func normal(_ capabilities: [String]) -> JSONValue {
        let held = Set(capabilities)
        let unlocked = byCapability.filter { held.contains($0.capability) }.flatMap(\.calls)
        var rules: [JSONValue] = [allow(Set(always + unlocked).sorted())]
        // personality(2): Linux, and the few that change nothing of security.
        rules += [0x0, 0x0008, 0x20000, 0x20008, 0xffff_ffff].map { persona in
            allow(["personality"], [argument(0, persona, "SCMP_CMP_EQ")])
        }
        if !held.contains("SYS_ADMIN") {
            // clone(2) without new namespaces. clone3(2) hides its flags behind a pointer: libraries fall back on ENOSYS.
            rules.append(allow(["clone"], [argument(0, 0x7E02_0000, "SCMP_CMP_MASKED_EQ")]))
            rules.append(["names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38])
        }
        return [
            "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
            "syscalls": .array(rules),
        ]
    }

    private static func allow(_ names: [String], _ arguments: [JSONValue] = []) -> JSONValue {
        var rule: JSONValue = ["names": .array(names.map { .string($0) }), "action": "SCMP_ACT_ALLOW"]
        if !arguments.isEmpty { rule[path: "args"] = .array(arguments) }
        return rule
    }

    private static func argument(_ index: Int64, _ value: Int64, _ comparison: String) -> JSONValue {
        // A masked comparison with zero: none of these bits.
        ["index": .integer(index), "value": .integer(value), "valueTwo": 0, "op": .string(comparison)]
    }

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static let always = words(
        """
        accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset chdir chmod chown chown32
        clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
        clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1
        epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit
        exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2
        fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat
        fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait
        futex_waitv futex_wake futimesat get_mempolicy getcpu getcwd getdents getdents64 getegid getegid32 geteuid
        geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority
        getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid
        gettimeofday getuid getuid32 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel
        io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set ipc kill
        landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen
        listxattr llistxattr lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier memfd_create
        memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 modify_ldt mprotect
        mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
        mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat open
        openat openat2 pause pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll
        ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev
        pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom
        recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq
        rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
        rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
        sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
        sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop
        semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list get_robust_list
        set_thread_area get_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups
        setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
        setreuid32 setrlimit setsid setsockopt setuid setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaltstack
        signalfd signalfd4 sigprocmask sigreturn socket socketcall socketpair splice stat stat64 statfs statfs64 statx
        symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
        timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
        timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime
        utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev _llseek _newselect
        """)

    private static let byCapability: [(capability: String, calls: [String])] = [
        ("DAC_READ_SEARCH", words("open_by_handle_at")),
        (
            "SYS_ADMIN",
            words(
                """
                bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr
                move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount
                umount2 unshare
                """)
        ),
        ("SYS_BOOT", words("reboot")),
        ("SYS_CHROOT", words("chroot")),
        ("SYS_MODULE", words("delete_module init_module finit_module")),
        ("SYS_PACCT", words("acct")),
        ("SYS_PTRACE", words("kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace")),
        ("SYS_RAWIO", words("iopl ioperm")),
        ("SYS_TIME", words("settimeofday stime clock_settime clock_settime64")),
        ("SYS_TTY_CONFIG", words("vhangup")),
        ("SYS_NICE", words("get_mempolicy mbind set_mempolicy set_mempolicy_home_node")),
        ("SYSLOG", words("syslog")),
        ("BPF", words("bpf")),
        ("PERFMON", words("perf_event_open")),
    ]
}
