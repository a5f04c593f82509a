// The monitor: starts the runtime, becomes the parent of the container's first process, and serves until it has ended.
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 8, FIRST_CLIENT = 4 };

struct options {
    const char *attach, *exit_file, *pid_file, *oom_file, *console;
    bool has_client, has_stdin, closes_stdin_once;
    char **runtime;
};

struct monitor {
    struct options options;
    struct log_file log;
    struct log_stream logged[2];
    int streams[2];  /* stdout (or the terminal) and stderr; -1 when ended */
    int input;       /* stdin or the terminal; -1 when closed */
    int terminal;    /* -1 without one */
    int listener, signals;
    int clients[CLIENTS];
    pid_t pid;
    int status;
    bool has_ended;
};

static void parse(int argc, char **argv, struct monitor *m) {
    static const struct option flags[] = {
        {"attach", required_argument, 0, 'a'},   {"exit-file", required_argument, 0, 'e'},
        {"pid-file", required_argument, 0, 'p'}, {"oom-file", required_argument, 0, 'o'},
        {"console", required_argument, 0, 'c'},  {"client", no_argument, 0, 'k'},
        {"stdin", no_argument, 0, 'i'},          {"stdin-once", no_argument, 0, 'n'},
        {"log", required_argument, 0, 'l'},      {"log-size", required_argument, 0, 's'},
        {"log-files", required_argument, 0, 'f'}, {0, 0, 0, 0}};
    for (int flag; (flag = getopt_long(argc, argv, "+", flags, NULL)) != -1;) {
        switch (flag) {
        case 'a': m->options.attach = optarg; break;
        case 'e': m->options.exit_file = optarg; break;
        case 'p': m->options.pid_file = optarg; break;
        case 'o': m->options.oom_file = optarg; break;
        case 'c': m->options.console = optarg; break;
        case 'k': m->options.has_client = true; break;
        case 'i': m->options.has_stdin = true; break;
        case 'n': m->options.closes_stdin_once = true; break;
        case 'l': m->log.path = optarg; break;
        case 's': m->log.largest = atoll(optarg); break;
        case 'f': m->log.files = atoi(optarg); break;
        default: report_failure("the monitor does not know a flag", 0);
        }
    }
    m->options.runtime = argv + optind;
    if (optind >= argc || m->options.pid_file == NULL) report_failure("the monitor needs a runtime and --pid-file", 0);
}

/* ---- Start ---- */

/* A pipe whose ends both close on exec. */
static void make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) report_failure("make a pipe", errno);
}

static int nothing(void) {
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0) report_failure("open /dev/null", errno);
    return fd;
}

static pid_t start_runtime(struct monitor *m, int input, int output, int errors) {
    pid_t child = fork();
    if (child < 0) report_failure("start the runtime", errno);
    if (child > 0) return child;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(input, 0);
    dup2(output, 1);
    dup2(errors, 2);
    execvp(m->options.runtime[0], m->options.runtime);
    _exit(127);
}

static pid_t read_pid(const char *path) {
    FILE *file = fopen(path, "re");
    int pid = 0;
    if (file != NULL) {
        if (fscanf(file, "%d", &pid) != 1) pid = 0;
        fclose(file);
    }
    return pid;
}

/* Runs the runtime to its end and finds the first process of the container, whose parent we are then. */
static void start(struct monitor *m) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, console = -1;
    bool has_terminal = m->options.console != NULL;
    if (has_terminal) {
        console = listen_at(m->options.console, SOCK_STREAM);
        if (console < 0) report_failure("listen for the terminal", errno);
        in[0] = out[1] = err[1] = nothing();
    } else {
        make_pipe(out);
        make_pipe(err);
        if (m->options.has_stdin) make_pipe(in);
        else in[0] = nothing();
    }
    pid_t runtime = start_runtime(m, in[0], out[1], err[1]);
    close(in[0]);
    if (out[1] != in[0]) {
        close(out[1]);
        close(err[1]);
    }
    int status = 0;
    while (waitpid(runtime, &status, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        char what[256];
        snprintf(what, sizeof what, "cannot run the container runtime %s", m->options.runtime[0]);
        report_failure(what, ENOENT);
    }
    m->pid = status == 0 ? read_pid(m->options.pid_file) : 0;
    if (m->pid <= 0) report_failure("the container runtime refused", 0);
    if (has_terminal) {
        m->terminal = console_receive(console);
        close(console);
        unlink(m->options.console);
        if (m->terminal < 0) report_failure("the container runtime gave no terminal", 0);
        m->streams[0] = m->terminal;
        m->input = dup(m->terminal);
        fcntl(m->input, F_SETFD, FD_CLOEXEC);
        fcntl(m->input, F_SETFL, O_NONBLOCK);
    } else {
        m->streams[0] = out[0];
        m->streams[1] = err[0];
        m->input = in[1];
        if (m->input >= 0) fcntl(m->input, F_SETFL, O_NONBLOCK);
    }
}

/* ---- Clients ---- */

static void close_input(struct monitor *m) {
    if (m->input >= 0) close(m->input);
    m->input = -1;
}

static void drop_client(struct monitor *m, int index) {
    close(m->clients[index]);
    m->clients[index] = -1;
    if (m->options.closes_stdin_once || m->options.has_client) close_input(m);
}

/* Waits a little for a slow client and then does without it. */
static void send_packet(struct monitor *m, int index, const char *packet, size_t length) {
    int patience = m->options.has_client ? -1 : 2000;
    while (send(m->clients[index], packet, length, MSG_NOSIGNAL) < 0) {
        struct pollfd wait = {.fd = m->clients[index], .events = POLLOUT};
        if (errno == EINTR) continue;
        if (errno != EAGAIN || poll(&wait, 1, patience) != 1) return drop_client(m, index);
    }
}

static void send_all(struct monitor *m, enum packet_kind kind, const char *bytes, size_t count) {
    char packet[PACKET_LENGTH + 1];
    packet[0] = (char)kind;
    memcpy(packet + 1, bytes, count);
    for (int i = 0; i < CLIENTS; i++) {
        if (m->clients[i] >= 0) send_packet(m, i, packet, count + 1);
    }
}

/* The container may be slow to read; the monitor waits for it, as the writer of a pipe does. */
static void feed(struct monitor *m, const char *bytes, size_t count) {
    while (m->input >= 0 && count > 0) {
        ssize_t written = write(m->input, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd wait[2] = {{.fd = m->input, .events = POLLOUT}, {.fd = m->signals, .events = POLLIN}};
            poll(wait, 2, -1);
            if ((wait[1].revents & POLLIN) != 0) return;
        } else if (errno != EINTR) {
            close_input(m);
        }
    }
}

static void receive(struct monitor *m, int index) {
    unsigned char packet[PACKET_LENGTH + 1];
    ssize_t length = recv(m->clients[index], packet, sizeof packet, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) return drop_client(m, index);
    switch (packet[0]) {
    case PACKET_STDIN: feed(m, (char *)packet + 1, (size_t)length - 1); break;
    case PACKET_STDIN_END:
        if (m->terminal < 0) close_input(m);
        break;
    case PACKET_RESIZE:
        if (length == 5 && m->terminal >= 0) {
            struct winsize size = {
                .ws_row = (unsigned short)(packet[1] << 8 | packet[2]),
                .ws_col = (unsigned short)(packet[3] << 8 | packet[4])};
            ioctl(m->terminal, TIOCSWINSZ, &size);
        }
        break;
    default: break;
    }
}

static void admit(struct monitor *m) {
    int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    for (int i = 0; i < CLIENTS; i++) {
        if (m->clients[i] < 0) {
            m->clients[i] = fd;
            return;
        }
    }
    close(fd);
}

/* ---- The loop ---- */

/* False at the stream's end. */
static bool pump(struct monitor *m, int index) {
    char bytes[PACKET_LENGTH];
    ssize_t count = read(m->streams[index], bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (count <= 0) return false; /* A terminal without a process says EIO. */
    log_write(&m->log, &m->logged[index], bytes, (size_t)count);
    send_all(m, index == 0 ? PACKET_STDOUT : PACKET_STDERR, bytes, (size_t)count);
    return true;
}

static void reap(struct monitor *m) {
    struct signalfd_siginfo info;
    while (read(m->signals, &info, sizeof info) == sizeof info) {}
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != m->pid) continue;
        m->status = status;
        m->has_ended = true;
    }
}

/* Serves until the process has ended; afterwards only what is still in the pipes. */
static void serve(struct monitor *m) {
    for (;;) {
        enum { FIXED = 4 };
        struct pollfd polls[FIXED + CLIENTS] = {
            {.fd = m->signals, .events = POLLIN},
            {.fd = m->streams[0], .events = POLLIN},
            {.fd = m->streams[1], .events = POLLIN},
            {.fd = m->listener, .events = POLLIN},
        };
        for (int i = 0; i < CLIENTS; i++) polls[FIXED + i] = (struct pollfd){.fd = m->clients[i], .events = POLLIN};
        int count = poll(polls, FIXED + CLIENTS, m->has_ended ? 0 : -1);
        if (count < 0 && errno != EINTR) return;
        if (count <= 0 && m->has_ended) return; /* Processes left behind may keep the pipes open. */
        if (count <= 0) continue;
        for (int i = 0; i < 2; i++) {
            if (polls[1 + i].revents != 0 && !pump(m, i)) {
                close(m->streams[i]);
                m->streams[i] = -1;
            }
        }
        if (m->has_ended && m->streams[0] < 0 && m->streams[1] < 0) return;
        if (m->has_ended && polls[1].revents == 0 && polls[2].revents == 0) return;
        for (int i = 0; i < CLIENTS; i++) {
            if (polls[FIXED + i].revents != 0 && m->clients[i] >= 0) receive(m, i);
        }
        if (polls[3].revents != 0) admit(m);
        if (polls[0].revents != 0) reap(m);
    }
}

static void finish(struct monitor *m) {
    for (int i = 0; i < 2; i++) log_finish(&m->log, &m->logged[i]);
    struct outcome outcome = outcome_record(m->status, m->options.exit_file, m->options.oom_file);
    const char code[4] = {0, 0, (char)(outcome.code >> 8), (char)outcome.code};
    send_all(m, PACKET_EXIT, code, sizeof code);
    if (m->options.attach != NULL) unlink(m->options.attach);
}

/* Keeps 0 to 3, and the client's socket when there is one. */
static void watch_children(struct monitor *m) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    m->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (m->signals < 0) report_failure("watch for children", errno);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) report_failure("become the reaper", errno);
}

int monitor_main(int argc, char **argv) {
    static struct monitor m = {
        .streams = {-1, -1}, .input = -1, .terminal = -1, .listener = -1,
        .logged = {{.name = "stdout"}, {.name = "stderr"}}, .log = {.fd = -1, .files = 5}};
    for (int i = 0; i < CLIENTS; i++) m.clients[i] = -1;
    fcntl(3, F_SETFD, FD_CLOEXEC);
    parse(argc, argv, &m);
    prctl(PR_SET_NAME, "apus-monitor");
    if (m.options.has_client) {
        m.clients[0] = FIRST_CLIENT;
        fcntl(FIRST_CLIENT, F_SETFD, FD_CLOEXEC);
        fcntl(FIRST_CLIENT, F_SETFL, O_NONBLOCK);
    }
    if (m.log.path != NULL) log_open(&m.log);
    watch_children(&m);
    if (m.options.attach != NULL) {
        m.listener = listen_at(m.options.attach, SOCK_SEQPACKET);
        if (m.listener < 0) report_failure("listen for clients", errno);
    }
    start(&m);
    report_ready(m.pid);
    serve(&m);
    finish(&m);
    return 0;
}
