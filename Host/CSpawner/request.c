/* SPDX-License-Identifier: Apache-2.0
 *
 * request.c: a launch request, checked. The host is trusted; a mistake there is an error here and not a crash.
 */
#include <string.h>

#include "spawner.h"

/* Where each list of texts begins and ends, laid out as exec wants it: pointers, then NULL. */
static char *texts[CORRAL_SPAWNER_TEXTS_MAX + 5];

static int has_room(const corral_spawner_request *request) {
    const uint32_t counts[] = {request->argument_count, request->environment_count, request->folder_count,
                               request->cgroup_count};
    uint32_t room = CORRAL_SPAWNER_TEXTS_MAX - 1;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i] > room) return 0;
        room -= counts[i];
    }
    if (request->folder_count > CORRAL_SPAWNER_FOLDERS_MAX || request->limit_count > CORRAL_SPAWNER_LIMITS_MAX) return 0;
    if (request->descriptor_count > CORRAL_SPAWNER_DESCRIPTORS_MAX) return 0;
    for (uint32_t i = 0; i < request->descriptor_count; i++)
        if (request->numbers[i] >= CORRAL_SPAWNER_DESCRIPTORS_MAX) return 0;
    return 1;
}

/* Takes `count` texts from *text and ends the list. */
static char **take(uint32_t count, char **text, const char *end, char ***next) {
    char **first = *next;
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strnlen(*text, (size_t)(end - *text));
        if (*text + length == end) return NULL;
        *(*next)++ = *text;
        *text += length + 1;
    }
    *(*next)++ = NULL;
    return first;
}

static int are_folders(char **folders) {
    for (; *folders != NULL; folders++)
        if (strchr("rxwdl", (*folders)[0]) == NULL || (*folders)[0] == 0 || (*folders)[1] != '/') return 0;
    return 1;
}

int read_launch(char *packet, size_t size, const corral_spawner_request *request, launch *launch) {
    if (!has_room(request)) return 0;
    if (request->profile < CORRAL_SPAWNER_WORKER || request->profile > CORRAL_SPAWNER_BROKER) return 0;
    if (request->level < CORRAL_SPAWNER_BASIC || request->level > CORRAL_SPAWNER_STRICT) return 0;
    char *text = packet + sizeof *request;
    const char *end = packet + size;
    char **next = texts;
    launch->request = request;
    launch->arguments = take(1 + request->argument_count, &text, end, &next);
    if (launch->arguments == NULL) return 0;
    launch->path = launch->arguments[0];
    launch->environment = take(request->environment_count, &text, end, &next);
    if (launch->environment == NULL) return 0;
    launch->folders = take(request->folder_count, &text, end, &next);
    if (launch->folders == NULL) return 0;
    launch->cgroups = take(request->cgroup_count, &text, end, &next);
    if (launch->cgroups == NULL) return 0;
    return text == end && launch->path[0] == '/' && are_folders(launch->folders);
}
