/* SPDX-License-Identifier: Apache-2.0
 *
 * CorralCurl.h: libcurl for Swift. The functions that set and get options are variadic, which Swift cannot call; each
 * type of option has a function here. Nothing else is added.
 */
#ifndef CORRAL_CURL_H
#define CORRAL_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <sys/prctl.h>

static inline CURLcode corral_curl_set_long(CURL *_Nonnull easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode corral_curl_set_off(CURL *_Nonnull easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode corral_curl_set_text(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode corral_curl_set_pointer(CURL *_Nonnull easy, CURLoption option, void *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

/* The bytes are not copied: they must outlive the handle. */
static inline CURLcode corral_curl_set_blob(CURL *_Nonnull easy, CURLoption option, const void *_Nonnull bytes,
                                            size_t size) {
    struct curl_blob blob = {(void *)bytes, size, CURL_BLOB_NOCOPY};
    return curl_easy_setopt(easy, option, &blob);
}

typedef size_t (*corral_curl_data)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);
typedef curl_socket_t (*corral_curl_open)(void *_Nullable context, curlsocktype purpose,
                                          struct curl_sockaddr *_Nullable address);

static inline CURLcode corral_curl_set_data(CURL *_Nonnull easy, CURLoption option, corral_curl_data _Nonnull body) {
    return curl_easy_setopt(easy, option, body);
}

static inline CURLcode corral_curl_set_open(CURL *_Nonnull easy, corral_curl_open _Nonnull body) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, body);
}

static inline long corral_curl_get_long(CURL *_Nonnull easy, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t corral_curl_get_off(CURL *_Nonnull easy, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

/* -1 when there is none. */
static inline curl_socket_t corral_curl_active_socket(CURL *_Nonnull easy) {
    curl_socket_t value = CURL_SOCKET_BAD;
    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &value) == CURLE_OK ? value : CURL_SOCKET_BAD;
}

static inline CURLMcode corral_curl_set_multi_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/* No core files and no debugger of the same user: the memory holds secrets (prctl(2), PR_SET_DUMPABLE). */
static inline int corral_keep_memory_private(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

#endif
