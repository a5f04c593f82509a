#include "monitor.h"
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void log_open(struct log_file *log) {
    struct stat status;
    log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    log->size = log->fd >= 0 && fstat(log->fd, &status) == 0 ? status.st_size : 0;
}

static int is_older(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Removes the oldest rotated files, whose names sort by their time. */
static void prune(const struct log_file *log) {
    char folder[PATH_MAX], base[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", log->path);
    snprintf(base, sizeof base, "%s", log->path);
    const char *directory = dirname(folder), *name = basename(base);
    DIR *stream = opendir(directory);
    if (stream == NULL) return;
    enum { MOST = 256 };
    char *found[MOST];
    int count = 0;
    size_t length = strlen(name);
    for (struct dirent *entry; count < MOST && (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, name, length) == 0 && entry->d_name[length] == '.') {
            found[count] = strdup(entry->d_name);
            if (found[count] != NULL) count++;
        }
    }
    qsort(found, (size_t)count, sizeof *found, is_older);
    for (int i = 0; i < count; i++) {
        if (i <= count - log->files) unlinkat(dirfd(stream), found[i], 0);
        free(found[i]);
    }
    closedir(stream);
}

static void rotate(struct log_file *log) {
    char moved[PATH_MAX], stamp[32];
    struct timespec now;
    struct tm date;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &date);
    snprintf(moved, sizeof moved, "%s.%s.%09ld", log->path, stamp, now.tv_nsec);
    if (rename(log->path, moved) != 0) return;
    close(log->fd);
    log_open(log);
    prune(log);
}

static void put(struct log_file *log, const char *bytes, size_t count) {
    while (log->fd >= 0 && count > 0) {
        ssize_t written = write(log->fd, bytes, count);
        if (written <= 0) return; /* A full disk: the line is lost, the container goes on. */
        log->size += written;
        bytes += written;
        count -= (size_t)written;
    }
}

/* `time stdout F text` (CRI: kubernetes/design-proposals, kubelet-cri-logging). */
static void put_line(struct log_file *log, struct log_stream *stream, char tag) {
    char line[sizeof stream->line + 64];
    struct timespec now;
    struct tm date;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    size_t head = strftime(line, 32, "%Y-%m-%dT%H:%M:%S", &date);
    head += (size_t)snprintf(line + head, 40, ".%09ldZ %s %c ", now.tv_nsec, stream->name, tag);
    memcpy(line + head, stream->line, stream->length);
    line[head + stream->length] = '\n';
    put(log, line, head + stream->length + 1);
    stream->length = 0;
    if (log->largest > 0 && log->size > log->largest) rotate(log);
}

void log_write(struct log_file *log, struct log_stream *stream, const char *bytes, size_t count) {
    if (log->path == NULL) return;
    while (count > 0) {
        const char *end = memchr(bytes, '\n', count);
        size_t length = end != NULL ? (size_t)(end - bytes) : count;
        size_t room = sizeof stream->line - stream->length;
        bool is_cut = length > room;
        if (is_cut) length = room;
        memcpy(stream->line + stream->length, bytes, length);
        stream->length += length;
        size_t used = length + (end != NULL && !is_cut);
        bytes += used;
        count -= used;
        if (is_cut) put_line(log, stream, 'P');
        else if (end != NULL) put_line(log, stream, 'F');
    }
}

void log_finish(struct log_file *log, struct log_stream *stream) {
    if (log->path != NULL && stream->length > 0) put_line(log, stream, 'P');
}
