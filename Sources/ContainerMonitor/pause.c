// The pause process: holds a pod's network, IPC and UTS namespaces, and its pid namespace when containers share one,
// where it is process 1 and reaps what others leave. It has an empty, read-only root, no capability and no privilege.
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct plan {
    int namespaces; /* CLONE_NEW… */
    const char *hostname;
    char **joins; /* cgroup.procs of the pod's cgroups, up to NULL */
    char **sysctls; /* net.ipv4.ip_forward=1, up to NULL */
    char **arguments; /* all of them, the program first */
    int argument_count;
};

/* Whoever the nobody of the image is, this is nobody. */
enum { NOBODY = 65535 };

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) report_failure(path, errno);
    close(fd);
}

/* Not everyone may; the pause process is small, and rarely chosen without it. */
static void spare_from_the_oom_killer(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void)!write(fd, "-998", 4);
    close(fd);
}

static void set_sysctl(const char *setting) {
    char path[512];
    const char *value = strchr(setting, '=');
    if (value == NULL) report_failure("a sysctl needs a value", 0);
    int length = snprintf(path, sizeof path, "/proc/sys/%.*s", (int)(value - setting), setting);
    if (length < 0 || (size_t)length >= sizeof path) report_failure("a sysctl's name is too long", 0);
    for (char *mark = path + strlen("/proc/sys/"); *mark != 0; mark++) {
        if (*mark == '.' || *mark == '/') *mark = *mark == '.' ? '/' : '.';
    }
    if (strstr(path, "..") != NULL) report_failure("a sysctl's name is not good", 0);
    write_file(path, value + 1);
}

static void set_loopback_up(void) {
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0) report_failure("read lo", errno);
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) report_failure("set lo up", errno);
    close(fd);
}

/* Keeps nothing of the machine's files, so that no mount of the machine is held either. */
static void enter_empty_root(void) {
    if (unshare(CLONE_NEWNS) != 0) report_failure("make a mount namespace", errno);
    if (mount("", "/", "", MS_REC | MS_PRIVATE, NULL) != 0) report_failure("make mounts private", errno);
    if (mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=755") != 0) {
        report_failure("mount an empty root", errno);
    }
    if (chdir("/proc") != 0 || syscall(SYS_pivot_root, ".", ".") != 0) report_failure("change the root", errno);
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) report_failure("leave the machine's root", errno);
    if (mount("", "/", "", MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) report_failure("make it read-only", errno);
}

static void give_up_privileges(void) {
    if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0) report_failure("become nobody", errno);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Containers that share the pid namespace see them. Nothing may need them any more. */
static void hide_arguments(char **arguments, int count) {
    char *last = arguments[count - 1];
    size_t length = (size_t)(last + strlen(last) - arguments[0]);
    memset(arguments[0], 0, length);
    memcpy(arguments[0], "/pause", length < 6 ? length : 6);
}

static _Noreturn void hold(const sigset_t *signals) {
    for (;;) {
        int signal = 0;
        if (sigwait(signals, &signal) != 0) continue;
        if (signal == SIGTERM || signal == SIGINT) exit(0);
        while (waitpid(-1, NULL, WNOHANG) > 0) {}
    }
}

static _Noreturn void run(const struct plan *plan, int ready) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    setsid();
    prctl(PR_SET_NAME, "pause");
    /* Before anything else: whoever removes the cgroup ends this process too, though nobody may have heard of it. */
    for (char **file = plan->joins; *file != NULL; file++) write_file(*file, "0");
    if ((plan->namespaces & CLONE_NEWUTS) != 0 && sethostname(plan->hostname, strlen(plan->hostname)) != 0) {
        report_failure("set the host name", errno);
    }
    if ((plan->namespaces & CLONE_NEWNET) != 0) set_loopback_up();
    for (char **setting = plan->sysctls; *setting != NULL; setting++) set_sysctl(*setting);
    spare_from_the_oom_killer();
    enter_empty_root();
    give_up_privileges();
    hide_arguments(plan->arguments, plan->argument_count);
    if (write(ready, "", 1) != 1) exit(1);
    close(ready);
    close(3);
    hold(&signals);
}

/* What follows the program in its arguments: pause --namespaces net,ipc,uts,pid --hostname NAME [--join FILE...] [SYSCTL=VALUE...] */
int pause_main(int argc, char **argv) {
    char *joins[argc + 1];
    struct plan plan = {.hostname = "", .joins = joins, .arguments = argv - 1, .argument_count = argc + 1};
    int joined = 0;
    int next = 1;
    for (; next + 1 < argc && strncmp(argv[next], "--", 2) == 0; next += 2) {
        if (strcmp(argv[next], "--hostname") == 0) plan.hostname = argv[next + 1];
        if (strcmp(argv[next], "--join") == 0) joins[joined++] = argv[next + 1];
        if (strcmp(argv[next], "--namespaces") != 0) continue;
        if (strstr(argv[next + 1], "net") != NULL) plan.namespaces |= CLONE_NEWNET;
        if (strstr(argv[next + 1], "ipc") != NULL) plan.namespaces |= CLONE_NEWIPC;
        if (strstr(argv[next + 1], "uts") != NULL) plan.namespaces |= CLONE_NEWUTS;
        if (strstr(argv[next + 1], "pid") != NULL) plan.namespaces |= CLONE_NEWPID;
    }
    joins[joined] = NULL;
    plan.sysctls = argv + next;
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) report_failure("make a pipe", errno);
    if (unshare(plan.namespaces) != 0) report_failure("make the pod's namespaces", errno);
    pid_t child = fork();
    if (child < 0) report_failure("start the pause process", errno);
    if (child == 0) {
        close(ready[0]);
        run(&plan, ready[1]);
    }
    close(ready[1]);
    char byte;
    /* The child has reported when it failed. */
    if (read(ready[0], &byte, 1) != 1) return 1;
    report_ready(child);
    return 0;
}
