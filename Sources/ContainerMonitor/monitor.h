// A process beside each container (or exec session) that outlives the agent: it holds the streams, writes the log, lets
// clients attach and writes down how the container ended. And the pause process that holds a pod's namespaces.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- Packets of a client's socket (SOCK_SEQPACKET): one byte of kind, then the content. ---- */
enum packet_kind {
    PACKET_STDIN = 0,     /* to the monitor: bytes */
    PACKET_STDIN_END = 1, /* to the monitor: nothing follows on stdin */
    PACKET_RESIZE = 2,    /* to the monitor: rows and columns, two bytes each, most significant first */
    PACKET_STDOUT = 3,    /* from the monitor: bytes */
    PACKET_STDERR = 4,    /* from the monitor: bytes */
    PACKET_EXIT = 5,      /* from the monitor, last: exit code, four bytes, most significant first */
};
enum { PACKET_LENGTH = 8192 };

/* ---- report.c: the agent waits on descriptor 3 for one line, `ok PID` or `error WHY`. ---- */
void report_ready(pid_t pid);
/* Reports, with errno's text when `code` is not 0, and ends the process. */
_Noreturn void report_failure(const char *what, int code);

/* ---- log.c: the CRI log format, with rotation. ---- */
struct log_stream {
    const char *name; /* stdout or stderr */
    size_t length;    /* of the line that has not ended */
    char line[16384];
};

struct log_file {
    const char *path;
    int64_t largest; /* bytes; 0 for no rotation */
    int files;       /* kept, the current one included */
    int fd;
    int64_t size;
};

void log_open(struct log_file *log);
void log_write(struct log_file *log, struct log_stream *stream, const char *bytes, size_t count);
/* Writes the line that never ended, as a partial one. */
void log_finish(struct log_file *log, struct log_stream *stream);

/* ---- outcome.c: how the container ended, for an agent that may come later. ---- */
struct outcome {
    int code;   /* exit status, or 128 and the signal */
    int signal; /* 0 when it ended by itself */
    bool oom_killed;
};

/* Writes `path` in one step. `oom_path`: memory.events or memory.oom_control, or NULL. */
struct outcome outcome_record(int status, const char *path, const char *oom_path);

/* ---- console.c ---- */
int listen_at(const char *path, int type);
/* Waits for the runtime to hand over the terminal's master side. -1 when it does not. */
int console_receive(int listener);

/* ---- The programs. ---- */
int monitor_main(int argc, char **argv);
int pause_main(int argc, char **argv);
