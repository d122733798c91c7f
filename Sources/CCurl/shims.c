#include "CCurl.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(LIBCURL_VERSION_NUM >= 0x075700, "libcurl 7.87 or newer: CURLOPT_QUICK_EXIT");
_Static_assert(sizeof(void *) >= sizeof(uint64_t), "a transfer's id travels in a pointer");
_Static_assert(ccurl_unsupported_protocol == CURLE_UNSUPPORTED_PROTOCOL, "code");
_Static_assert(ccurl_url_malformed == CURLE_URL_MALFORMAT, "code");
_Static_assert(ccurl_could_not_connect == CURLE_COULDNT_CONNECT, "code");
_Static_assert(ccurl_write_error == CURLE_WRITE_ERROR, "code");
_Static_assert(ccurl_timed_out == CURLE_OPERATION_TIMEDOUT, "code");
_Static_assert(ccurl_tls_connect_error == CURLE_SSL_CONNECT_ERROR, "code");
_Static_assert(ccurl_aborted == CURLE_ABORTED_BY_CALLBACK, "code");
_Static_assert(ccurl_bad_argument == CURLE_BAD_FUNCTION_ARGUMENT, "code");
_Static_assert(ccurl_got_nothing == CURLE_GOT_NOTHING, "code");
_Static_assert(ccurl_send_error == CURLE_SEND_ERROR, "code");
_Static_assert(ccurl_receive_error == CURLE_RECV_ERROR, "code");
_Static_assert(ccurl_tls_certificate_problem == CURLE_SSL_CERTPROBLEM, "code");
_Static_assert(ccurl_tls_cipher == CURLE_SSL_CIPHER, "code");
_Static_assert(ccurl_tls_peer_refused == CURLE_PEER_FAILED_VERIFICATION, "code");
_Static_assert(ccurl_file_size_exceeded == CURLE_FILESIZE_EXCEEDED, "code");
_Static_assert(ccurl_tls_authority_file == CURLE_SSL_CACERT_BADFILE, "code");
_Static_assert(ccurl_tls_shutdown_failed == CURLE_SSL_SHUTDOWN_FAILED, "code");
_Static_assert(ccurl_tls_issuer == CURLE_SSL_ISSUER_ERROR, "code");
_Static_assert(ccurl_tls_pinned_key == CURLE_SSL_PINNEDPUBKEYNOTMATCH, "code");
_Static_assert(ccurl_tls_status == CURLE_SSL_INVALIDCERTSTATUS, "code");
_Static_assert(ccurl_error_size == CURL_ERROR_SIZE, "size");

// MARK: The library

int ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

const char *ccurl_error_text(int code) { return curl_easy_strerror((CURLcode)code); }

const char *ccurl_default_authorities(void) {
    return curl_version_info(CURLVERSION_NOW)->cainfo;
}

int64_t ccurl_date_seconds(const char *text) { return (int64_t)curl_getdate(text, NULL); }

static const char *copy_part(
    CURLU *url, CURLUPart part, unsigned flags, char *into, size_t capacity) {
    char *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, flags);
    if (code) { return curl_url_strerror(code); }
    size_t count = strlen(text);
    bool fits = count < capacity;
    if (fits) { memcpy(into, text, count + 1); }
    curl_free(text);
    return fits ? NULL : "A part of the URL is too long";
}

const char *ccurl_url_parse(
    const char *text, char *scheme, size_t scheme_size, char *host, size_t host_size,
    uint16_t *port) {
    CURLU *url = curl_url();
    if (!url) { return "Out of memory"; }
    char digits[8];
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    const char *problem = code ? curl_url_strerror(code) : NULL;
    if (!problem) { problem = copy_part(url, CURLUPART_SCHEME, 0, scheme, scheme_size); }
    if (!problem) { problem = copy_part(url, CURLUPART_HOST, 0, host, host_size); }
    if (!problem) {
        problem = copy_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, digits, sizeof digits);
    }
    if (!problem) {
        unsigned value = 0;
        for (const char *digit = digits; *digit; digit++) {
            value = value * 10 + (unsigned)(*digit - '0');
        }
        *port = (uint16_t)value;
    }
    curl_url_cleanup(url);
    return problem;
}

// MARK: Header lists

CurlHeaders *ccurl_headers_append(CurlHeaders *list, const char *line) {
    return (CurlHeaders *)curl_slist_append((struct curl_slist *)list, line);
}

void ccurl_headers_free(CurlHeaders *list) { curl_slist_free_all((struct curl_slist *)list); }

// MARK: Callbacks

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    const CurlCallbacks *callbacks = user;
    size_t length = size * count;
    return callbacks->body(callbacks->context, (const uint8_t *)bytes, length) ? length : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *user) {
    const CurlCallbacks *callbacks = user;
    size_t length = size * count;
    return callbacks->header(callbacks->context, (const uint8_t *)bytes, length) ? length : 0;
}

static bool may_connect(const CurlCallbacks *callbacks, const struct curl_sockaddr *address) {
    if (address->family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &address->addr, sizeof v4);
        return callbacks->connect(callbacks->context, (const uint8_t *)&v4.sin_addr, 4);
    }
    if (address->family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &address->addr, sizeof v6);
        return callbacks->connect(callbacks->context, v6.sin6_addr.s6_addr, 16);
    }
    return false;
}

// Called with the resolved address, before connect: no name and no rebinding gets around it.
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    if (purpose != CURLSOCKTYPE_IPCXN || !may_connect(user, address)) { return CURL_SOCKET_BAD; }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// MARK: One transfer

CurlEasy *ccurl_easy_init(uint64_t id) {
    CURL *easy = curl_easy_init();
    if (easy) { curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)(uintptr_t)id); }
    return (CurlEasy *)easy;
}

void ccurl_easy_cleanup(CurlEasy *easy) { curl_easy_cleanup((CURL *)easy); }

int ccurl_set_callbacks(CurlEasy *handle, const CurlCallbacks *callbacks) {
    CURL *easy = (CURL *)handle;
    void *user = (void *)callbacks;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    if (!code) { code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, user); }
    if (!code) { code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header); }
    if (!code) { code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, user); }
    if (!code) { code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket); }
    if (!code) { code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, user); }
    return code;
}

#define SET(easy, option, value) curl_easy_setopt((CURL *)(easy), option, value)

int ccurl_set_error_buffer(CurlEasy *easy, char *buffer) {
    return SET(easy, CURLOPT_ERRORBUFFER, buffer);
}

int ccurl_set_url(CurlEasy *easy, const char *url) { return SET(easy, CURLOPT_URL, url); }

int ccurl_set_protocols(CurlEasy *easy, const char *names) {
    return SET(easy, CURLOPT_PROTOCOLS_STR, names);
}

int ccurl_set_method(CurlEasy *easy, const char *method) {
    return SET(easy, CURLOPT_CUSTOMREQUEST, method);
}

int ccurl_set_no_body(CurlEasy *easy, bool on) { return SET(easy, CURLOPT_NOBODY, (long)on); }

int ccurl_set_body(CurlEasy *easy, const uint8_t *bytes, size_t count) {
    // The size first: COPYPOSTFIELDS copies that many bytes, or up to a zero byte without it.
    CURLcode code = SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : SET(easy, CURLOPT_COPYPOSTFIELDS, bytes ? (const char *)bytes : "");
}

int ccurl_set_headers(CurlEasy *easy, CurlHeaders *list) {
    return SET(easy, CURLOPT_HTTPHEADER, (struct curl_slist *)list);
}

int ccurl_set_user_agent(CurlEasy *easy, const char *text) {
    return SET(easy, CURLOPT_USERAGENT, text);
}

int ccurl_set_timeout_ms(CurlEasy *easy, long milliseconds) {
    return SET(easy, CURLOPT_TIMEOUT_MS, milliseconds);
}

int ccurl_set_connect_timeout_ms(CurlEasy *easy, long milliseconds) {
    return SET(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
}

int ccurl_set_maximum_bytes(CurlEasy *easy, int64_t bytes) {
    return SET(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)bytes);
}

int ccurl_set_connection_age_s(CurlEasy *easy, long seconds) {
    return SET(easy, CURLOPT_MAXAGE_CONN, seconds);
}

int ccurl_set_follow_redirects(CurlEasy *easy, bool on) {
    return SET(easy, CURLOPT_FOLLOWLOCATION, (long)on);
}

int ccurl_set_fresh_connect(CurlEasy *easy, bool on) {
    return SET(easy, CURLOPT_FRESH_CONNECT, (long)on);
}

int ccurl_set_no_signal(CurlEasy *easy, bool on) { return SET(easy, CURLOPT_NOSIGNAL, (long)on); }

int ccurl_set_netrc(CurlEasy *easy, bool on) {
    return SET(easy, CURLOPT_NETRC, on ? (long)CURL_NETRC_OPTIONAL : (long)CURL_NETRC_IGNORED);
}

int ccurl_set_tcp_keepalive(CurlEasy *easy, bool on) {
    return SET(easy, CURLOPT_TCP_KEEPALIVE, (long)on);
}

int ccurl_set_quick_exit(CurlEasy *easy, bool on) {
    return SET(easy, CURLOPT_QUICK_EXIT, (long)on);
}

int ccurl_set_proxy(CurlEasy *easy, const char *proxy) { return SET(easy, CURLOPT_PROXY, proxy); }

int ccurl_set_http_1_1(CurlEasy *easy) {
    return SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

int ccurl_set_tls_verified(CurlEasy *easy) {
    CURLcode code = SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    if (!code) { code = SET(easy, CURLOPT_SSL_VERIFYHOST, 2L); }
    return code ? code : SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

int ccurl_set_authorities(CurlEasy *easy, const char *path) {
    CURLcode code = SET(easy, CURLOPT_CAINFO, path);
    return code ? code : SET(easy, CURLOPT_CAPATH, (const char *)NULL);
}

long ccurl_status(CurlEasy *easy) {
    long status = 0;
    curl_easy_getinfo((CURL *)easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

// MARK: Many transfers

CurlMulti *ccurl_multi_init(void) { return (CurlMulti *)curl_multi_init(); }

int ccurl_multi_cleanup(CurlMulti *multi) { return curl_multi_cleanup((CURLM *)multi); }

int ccurl_multi_set_connections(CurlMulti *multi, long per_host, long pooled) {
    CURLMcode code = curl_multi_setopt((CURLM *)multi, CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
    return code ? code : curl_multi_setopt((CURLM *)multi, CURLMOPT_MAXCONNECTS, pooled);
}

int ccurl_multi_add(CurlMulti *multi, CurlEasy *easy) {
    return curl_multi_add_handle((CURLM *)multi, (CURL *)easy);
}

int ccurl_multi_remove(CurlMulti *multi, CurlEasy *easy) {
    return curl_multi_remove_handle((CURLM *)multi, (CURL *)easy);
}

int ccurl_multi_perform(CurlMulti *multi) {
    int running = 0;
    return curl_multi_perform((CURLM *)multi, &running);
}

int ccurl_multi_poll(CurlMulti *multi, int milliseconds) {
    return curl_multi_poll((CURLM *)multi, NULL, 0, milliseconds, NULL);
}

int ccurl_multi_wakeup(CurlMulti *multi) { return curl_multi_wakeup((CURLM *)multi); }

bool ccurl_multi_next_end(CurlMulti *multi, uint64_t *id, int *code) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read((CURLM *)multi, &left))) {
        if (message->msg != CURLMSG_DONE) { continue; }
        char *owner = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        *id = (uint64_t)(uintptr_t)owner;
        *code = message->data.result;
        return true;
    }
    return false;
}
