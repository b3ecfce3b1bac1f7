/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c: a whole Corral memory backend in C: entries in a list, and every change of it as a line in a file of its own
 * folder, read back when it starts. Good for some thousand entries. `make` builds notes.so, which goes into plugins.d/.
 */
#define _POSIX_C_SOURCE 200809L
#include <corral/corral.h>
#include <corral/json.h>
#include <pthread.h>

static const char manifest[] =
    "{\"id\":\"acme/notes\",\"version\":\"1.0.0\",\"summary\":\"Keeps what agents want to know later\","
    "\"provides\":[\"corral.memory/1\"],\"grants\":{\"storage\":true}}";

static const corral_host *host;

/* An entry; `value`, `tags` and `author` are JSON as it came, `effect` and `replaced` are of its last put. */
typedef struct entry {
    int64_t number, created, updated, expires, replaced;
    char *space, *layer, *key, *words, *value, *tags, *author, *effect;
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;
static size_t count, capacity;
static int64_t last_number;
static FILE *file;

static corral_slice text(const char *words) { return corral_json_slice(words, strlen(words)); }

static corral_status fail(corral_call call, corral_status status, const char *code, const char *message) {
    corral_error error = {.struct_size = sizeof error, .code = text(code), .message = text(message)};
    host->set_error(call, &error);
    return status;
}

static corral_status answer(corral_call call, corral_buffer *out) {
    corral_status status = out->failed ? fail(call, CORRAL_LIMIT, "memory", "there is no memory left") : CORRAL_OK;
    if (status == CORRAL_OK) status = host->push_result(call, corral_buffer_slice(out));
    corral_buffer_free(out);
    return status;
}

/* ---- Values of a request */

static char *raw(corral_slice value) {
    if (value.size == 0 || (value.size == 4 && value.data[0] == 'n')) return NULL;
    char *copy = malloc(value.size + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, value.data, value.size);
    copy[value.size] = 0;
    return copy;
}

static char *member(corral_slice object, const char *name) {
    return corral_json_text(corral_json_member(object, name), NULL);
}

static int is(corral_slice value, const char *words) {
    char *given = corral_json_text(value, NULL);
    int same = given != NULL && strcmp(given, words) == 0;
    free(given);
    return same;
}

static int lists(corral_slice list, const char *words) {
    corral_slice item;
    for (size_t at = 0; corral_json_next(list, &at, NULL, &item);)
        if (is(item, words)) return 1;
    return 0;
}

static int has_all(corral_slice wanted, const char *tags) {
    corral_slice item;
    for (size_t at = 0; corral_json_next(wanted, &at, NULL, &item);) {
        char *tag = corral_json_text(item, NULL);
        int found = tag != NULL && tags != NULL && lists(text(tags), tag);
        free(tag);
        if (!found) return 0;
    }
    return 1;
}

/* ---- Entries */

static void release(entry *entry) {
    char *owned[] = {entry->space, entry->layer, entry->key, entry->words, entry->value, entry->tags, entry->author,
                     entry->effect};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) free(owned[i]);
}

static void write_member(corral_buffer *out, const char *name, const char *words) {
    if (words == NULL) return;
    corral_buffer_raw(out, name);
    corral_buffer_text(out, words, strlen(words));
}

static void write_entry(corral_buffer *out, const entry *entry) {
    corral_buffer_raw(out, "{\"id\":\"n");
    corral_buffer_integer(out, entry->number);
    corral_buffer_raw(out, "\"");
    write_member(out, ",\"namespace\":", entry->space);
    write_member(out, ",\"layer\":", entry->layer);
    write_member(out, ",\"key\":", entry->key);
    write_member(out, ",\"text\":", entry->words);
    if (entry->value != NULL) corral_buffer_raw(out, ",\"value\":"), corral_buffer_raw(out, entry->value);
    corral_buffer_raw(out, ",\"tags\":");
    corral_buffer_raw(out, entry->tags != NULL ? entry->tags : "[]");
    corral_buffer_raw(out, ",\"author\":");
    corral_buffer_raw(out, entry->author != NULL ? entry->author : "{}");
    corral_buffer_raw(out, ",\"created_at_ms\":");
    corral_buffer_integer(out, entry->created);
    corral_buffer_raw(out, ",\"updated_at_ms\":");
    corral_buffer_integer(out, entry->updated);
    if (entry->expires != 0) corral_buffer_raw(out, ",\"expires_at_ms\":"), corral_buffer_integer(out, entry->expires);
    corral_buffer_raw(out, "}");
}

/* A line of the file: an entry as it is now, or {"forget": its number}. A JSON value may hold line breaks between its
 * parts; in the file they are blanks. */
static void keep(corral_buffer *line) {
    if (file == NULL || line->failed || line->size == 0) return;
    for (size_t i = 0; i < line->size; i++)
        if (line->bytes[i] == '\n' || line->bytes[i] == '\r') line->bytes[i] = ' ';
    fwrite(line->bytes, 1, line->size, file);
    fputc('\n', file);
    fflush(file);
}

static void keep_entry(const entry *entry) {
    corral_buffer line = {0};
    write_entry(&line, entry);
    if (entry->effect != NULL && line.size > 0) {
        line.size--;
        write_member(&line, ",\"effect\":", entry->effect);
        corral_buffer_raw(&line, entry->replaced ? ",\"replaced\":1}" : ",\"replaced\":0}");
    }
    keep(&line);
    corral_buffer_free(&line);
}

static void drop(size_t index) {
    char line[64];
    if (file != NULL) {
        snprintf(line, sizeof line, "{\"forget\":%lld}\n", (long long)entries[index].number);
        fputs(line, file);
        fflush(file);
    }
    release(&entries[index]);
    memmove(entries + index, entries + index + 1, (--count - index) * sizeof *entries);
}

static int add(entry new) {
    if (count == capacity) {
        entry *grown = realloc(entries, (2 * capacity + 64) * sizeof *entries);
        if (grown == NULL) return 0;
        entries = grown;
        capacity = 2 * capacity + 64;
    }
    entries[count++] = new;
    return 1;
}

static entry entry_of(corral_slice json) {
    return (entry){
        .space = member(json, "namespace"), .layer = member(json, "layer"), .key = member(json, "key"),
        .words = member(json, "text"), .value = raw(corral_json_member(json, "value")),
        .tags = raw(corral_json_member(json, "tags")), .author = raw(corral_json_member(json, "author")),
        .effect = member(json, "effect"), .replaced = corral_json_integer(corral_json_member(json, "replaced"), 0),
        .expires = corral_json_integer(corral_json_member(json, "expires_at_ms"), 0)};
}

/* What has expired does not exist, whoever asks. Returns how much it was. */
static int64_t expire(corral_slice request) {
    int64_t now = corral_json_integer(corral_json_member(request, "now_ms"), 0), gone = 0;
    for (size_t i = count; i-- > 0;)
        if (entries[i].expires != 0 && entries[i].expires <= now) drop(i), gone++;
    return gone;
}

static int matches_layer(const entry *entry, corral_slice request) {
    corral_slice one = corral_json_member(request, "layer"), some = corral_json_member(request, "layers");
    return (one.size == 0 || one.data[0] == 'n' || is(one, entry->layer)) &&
           (some.size == 0 || some.data[0] == 'n' || lists(some, entry->layer));
}

/* By id or key. Layers that are asked without a name are looked at from short to long. */
static entry *find(corral_slice request) {
    static const char *const layers[] = {"short_term", "medium_term", "long_term"};
    corral_slice space = corral_json_member(request, "namespace"), key = corral_json_member(request, "key");
    char *id = member(request, "id");
    entry *found = NULL;
    for (size_t layer = 0; layer < 3 && found == NULL; layer++)
        for (size_t i = 0; i < count && found == NULL; i++) {
            char own[32];
            snprintf(own, sizeof own, "n%lld", (long long)entries[i].number);
            if (strcmp(entries[i].layer, layers[layer]) != 0 || !is(space, entries[i].space) ||
                !matches_layer(&entries[i], request))
                continue;
            if (id != NULL ? strcmp(id, own) == 0 : entries[i].key != NULL && is(key, entries[i].key)) found = &entries[i];
        }
    free(id);
    return found;
}

/* ---- The functions of the kind. One at a time: the list is small. */

static corral_status answer_put(corral_call call, const entry *entry) {
    corral_buffer out = {0};
    corral_buffer_raw(&out, "{\"id\":\"n");
    corral_buffer_integer(&out, entry->number);
    corral_buffer_raw(&out, "\",\"created_at_ms\":");
    corral_buffer_integer(&out, entry->created);
    corral_buffer_raw(&out, ",\"updated_at_ms\":");
    corral_buffer_integer(&out, entry->updated);
    corral_buffer_raw(&out, entry->replaced ? ",\"replaced\":true}" : ",\"replaced\":false}");
    return answer(call, &out);
}

static corral_status put_locked(corral_call call, corral_slice request, int64_t expired) {
    (void)expired;
    /* The same put again, after a crash for example: it changes nothing. */
    corral_slice effect = corral_json_member(request, "effect");
    for (size_t i = 0; effect.size > 2 && i < count; i++)
        if (entries[i].effect != NULL && is(effect, entries[i].effect)) return answer_put(call, &entries[i]);
    entry new = entry_of(request);
    if (new.space == NULL || new.layer == NULL || new.words == NULL) {
        release(&new);
        return fail(call, CORRAL_INVALID, "incomplete", "an entry needs namespace, layer and text");
    }
    entry *old = new.key != NULL ? find(request) : NULL;
    new.replaced = old != NULL;
    new.updated = corral_json_integer(corral_json_member(request, "now_ms"), 0);
    new.created = new.replaced ? old->created : new.updated;
    new.number = new.replaced ? old->number : ++last_number;
    if (new.replaced) {
        release(old);
        *old = new;
    } else if (!add(new)) {
        release(&new);
        return fail(call, CORRAL_LIMIT, "memory", "there is no memory left");
    }
    keep_entry(&new);
    return answer_put(call, &new);
}

static corral_status get_locked(corral_call call, corral_slice request, int64_t expired) {
    (void)expired;
    entry *found = find(request);
    corral_buffer out = {0};
    corral_buffer_raw(&out, "{\"entry\":");
    if (found != NULL) write_entry(&out, found);
    corral_buffer_raw(&out, found != NULL ? "}" : "null}");
    return answer(call, &out);
}

static int is_word_byte(char byte) {
    return (byte & 0x80) != 0 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

static char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte; }

static int holds(const char *words, const char *word, size_t size) {
    for (; *words != 0; words++) {
        size_t i = 0;
        while (i < size && words[i] != 0 && lower(words[i]) == lower(word[i])) i++;
        if (i == size) return 1;
    }
    return 0;
}

/* The share of the query's words that the text holds. */
static double score(const char *query, const char *words) {
    int all = 0, found = 0;
    while (*query != 0) {
        size_t size = 0;
        while (query[size] != 0 && is_word_byte(query[size])) size++;
        if (size > 0) all++, found += holds(words, query, size);
        query += size > 0 ? size : 1;
    }
    return all == 0 ? 0 : (double)found / all;
}

typedef struct hit {
    double score;
    const entry *entry;
} hit;

/* Best first, then the one that changed last. */
static int compare(const void *a, const void *b) {
    const hit *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    if (x->entry->updated != y->entry->updated) return x->entry->updated < y->entry->updated ? 1 : -1;
    return x->entry->number < y->entry->number ? 1 : -1;
}

static int is_before(const entry *entry, int64_t updated, int64_t number) {
    return entry->updated < updated || (entry->updated == updated && entry->number < number);
}

/* What search and list have in common; without a query all entries have the same score. */
static corral_status select_locked(corral_call call, corral_slice request, const char *query) {
    corral_slice spaces = corral_json_member(request, "namespaces"), tags = corral_json_member(request, "tags");
    int64_t limit = corral_json_integer(corral_json_member(request, "limit"), 100);
    long long updated = INT64_MAX, number = INT64_MAX;
    char *cursor = query == NULL ? member(request, "cursor") : NULL;
    if (cursor != NULL) sscanf(cursor, "%lld-%lld", &updated, &number);
    free(cursor);
    hit *hits = malloc((count + 1) * sizeof *hits);
    if (hits == NULL) return fail(call, CORRAL_LIMIT, "memory", "there is no memory left");
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        double points = query != NULL ? score(query, entries[i].words) : 1;
        if (points > 0 && lists(spaces, entries[i].space) && matches_layer(&entries[i], request) &&
            has_all(tags, entries[i].tags) && is_before(&entries[i], updated, number))
            hits[found++] = (hit){points, &entries[i]};
    }
    qsort(hits, found, sizeof *hits, compare);
    size_t shown = limit < 0 ? 0 : (uint64_t)limit < found ? (size_t)limit : found;
    corral_buffer out = {0};
    corral_buffer_raw(&out, "{\"entries\":[");
    for (size_t i = 0; i < shown; i++) {
        if (i > 0) corral_buffer_raw(&out, ",");
        write_entry(&out, hits[i].entry);
        char points[48];
        if (query != NULL && !out.failed) {
            out.size--;
            corral_buffer_add(&out, points, (size_t)snprintf(points, sizeof points, ",\"score\":%.4f}", hits[i].score));
        }
    }
    corral_buffer_raw(&out, "]");
    if (query == NULL && shown > 0 && shown < found) {
        char next[96];
        const entry *last = hits[shown - 1].entry;
        corral_buffer_add(&out, next, (size_t)snprintf(next, sizeof next, ",\"cursor\":\"%lld-%lld\"",
                                                       (long long)last->updated, (long long)last->number));
    }
    corral_buffer_raw(&out, "}");
    free(hits);
    return answer(call, &out);
}

static corral_status search_locked(corral_call call, corral_slice request, int64_t expired) {
    (void)expired;
    char *query = member(request, "query");
    if (query == NULL) return fail(call, CORRAL_INVALID, "no_query", "a search needs a query");
    corral_status status = select_locked(call, request, query);
    free(query);
    return status;
}

static corral_status list_locked(corral_call call, corral_slice request, int64_t expired) {
    (void)expired;
    return select_locked(call, request, NULL);
}

static corral_status forget_locked(corral_call call, corral_slice request, int64_t expired) {
    corral_slice space = corral_json_member(request, "namespace"), all = corral_json_member(request, "all");
    int64_t older = corral_json_integer(corral_json_member(request, "older_than_ms"), INT64_MIN);
    int64_t gone = corral_json_member(request, "expired").size == 4 ? expired : 0;
    if (corral_json_member(request, "id").size > 2 || corral_json_member(request, "key").size > 2) {
        for (entry *found = find(request); found != NULL; found = find(request)) drop((size_t)(found - entries)), gone++;
    } else {
        for (size_t i = count; i-- > 0;)
            if (is(space, entries[i].space) && matches_layer(&entries[i], request) &&
                ((all.size == 4 && all.data[0] == 't') || entries[i].updated < older))
                drop(i), gone++;
    }
    corral_buffer out = {0};
    corral_buffer_raw(&out, "{\"forgotten\":");
    corral_buffer_integer(&out, gone);
    corral_buffer_raw(&out, "}");
    return answer(call, &out);
}

static corral_status one_at_a_time(
    corral_call call, const corral_request *request, corral_status (*work)(corral_call, corral_slice, int64_t)) {
    pthread_mutex_lock(&lock);
    int64_t expired = expire(request->body);
    corral_status status = work(call, request->body, expired);
    pthread_mutex_unlock(&lock);
    return status;
}

#define FUNCTION(name) \
    static corral_status name(void *instance, corral_call call, const corral_request *request) { \
        (void)instance; \
        return one_at_a_time(call, request, name##_locked); \
    }
FUNCTION(put)
FUNCTION(get)
FUNCTION(search)
FUNCTION(list)
FUNCTION(forget)

/* ---- Life */

/* A line that a crash cut short is passed over. */
static void take(corral_slice line) {
    int64_t forgotten = corral_json_integer(corral_json_member(line, "forget"), 0);
    char *id = member(line, "id");
    int64_t number = id != NULL && id[0] == 'n' ? strtoll(id + 1, NULL, 10) : forgotten;
    free(id);
    for (size_t i = count; i-- > 0;)
        if (entries[i].number == number) {
            release(&entries[i]);
            memmove(entries + i, entries + i + 1, (--count - i) * sizeof *entries);
        }
    if (number > last_number) last_number = number;
    entry new = entry_of(line);
    new.number = number;
    new.created = corral_json_integer(corral_json_member(line, "created_at_ms"), 0);
    new.updated = corral_json_integer(corral_json_member(line, "updated_at_ms"), 0);
    if (forgotten != 0 || number == 0 || new.space == NULL || new.layer == NULL || new.words == NULL || !add(new))
        release(&new);
}

static corral_status activate(void *instance, corral_slice configuration) {
    (void)instance, (void)configuration;
    const corral_host_storage *storage = host->get_extension(CORRAL_EXT_HOST_STORAGE);
    if (storage == NULL) {
        host->log(CORRAL_NO_CALL, CORRAL_LOG_WARNING, text("no folder was granted: entries end with the process"));
        return CORRAL_OK;
    }
    char path[4096], *line = NULL;
    size_t room = 0;
    corral_slice folder = storage->folder();
    snprintf(path, sizeof path, "%.*s/notes.jsonl", (int)folder.size, (const char *)folder.data);
    file = fopen(path, "a+e");
    if (file == NULL) return CORRAL_FAILED;
    for (ssize_t size; (size = getline(&line, &room, file)) > 0;) take(corral_json_slice(line, (size_t)size));
    free(line);
    return CORRAL_OK;
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_memory memory = {
        .struct_size = sizeof memory, .put = put, .get = get, .search = search, .list = list, .forget = forget};
    (void)instance;
    return strcmp(id, CORRAL_EXT_MEMORY) == 0 ? &memory : NULL;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static const corral_plugin plugin = {
        .struct_size = sizeof plugin,
        .abi_major = CORRAL_ABI_MAJOR,
        .abi_minor = CORRAL_ABI_MINOR,
        .manifest = {(const uint8_t *)manifest, sizeof manifest - 1},
        .activate = activate,
        .get_extension = get_extension,
    };
    if (given->abi_major != CORRAL_ABI_MAJOR || given->struct_size < sizeof *given) return NULL;
    host = given;
    return &plugin;
}
