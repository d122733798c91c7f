// libcurl for Swift: the calls that Outbound needs, one typed function each.
//
// curl_easy_setopt, curl_multi_setopt and curl_easy_getinfo are variadic, which Swift cannot call,
// and a wrong C type passed through `...` is undefined behaviour. So <curl/curl.h> is included in
// shims.c alone and every argument has its type here. Functions that return `int` return a CURLcode
// or CURLMcode: 0 is success.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CurlEasy CurlEasy;
typedef struct CurlMulti CurlMulti;
typedef struct CurlHeaders CurlHeaders;

/// What a transfer asks of its owner, always on the thread that runs the multi handle.
typedef struct CurlCallbacks {
    void *_Nonnull context;
    /// Bytes of the body; false ends the transfer with ccurl_write_error.
    bool (*_Nonnull body)(void *_Nonnull context, const uint8_t *_Nonnull bytes, size_t count);
    /// One whole header line; false ends the transfer with ccurl_write_error.
    bool (*_Nonnull header)(void *_Nonnull context, const uint8_t *_Nonnull bytes, size_t count);
    /// A resolved address (4 or 16 bytes) before the socket is made; false refuses it.
    bool (*_Nonnull connect)(void *_Nonnull context, const uint8_t *_Nonnull address, size_t count);
} CurlCallbacks;

/// Codes that Outbound tells apart; shims.c asserts that they are libcurl's.
enum {
    ccurl_unsupported_protocol = 1,
    ccurl_url_malformed = 3,
    ccurl_could_not_connect = 7,
    ccurl_write_error = 23,
    ccurl_timed_out = 28,
    ccurl_tls_connect_error = 35,
    ccurl_aborted = 42,
    ccurl_bad_argument = 43,
    ccurl_got_nothing = 52,
    ccurl_send_error = 55,
    ccurl_receive_error = 56,
    ccurl_tls_certificate_problem = 58,
    ccurl_tls_cipher = 59,
    ccurl_tls_peer_refused = 60,
    ccurl_file_size_exceeded = 63,
    ccurl_tls_shutdown_failed = 80,
    ccurl_tls_authority_file = 77,
    ccurl_tls_issuer = 83,
    ccurl_tls_pinned_key = 90,
    ccurl_tls_status = 91,
    /// Bytes of the buffer given to ccurl_set_error_buffer.
    ccurl_error_size = 256,
};

// MARK: The library

/// Once, before any other call.
int ccurl_global_init(void);
const char *_Nonnull ccurl_error_text(int code);
/// The bundle of authorities that this build of libcurl trusts, or null.
const char *_Nullable ccurl_default_authorities(void);
/// An HTTP date as seconds since 1970, or -1.
int64_t ccurl_date_seconds(const char *_Nonnull text);

/// Takes a URL apart exactly as a transfer would; user info and schemes unknown to libcurl fail.
/// Returns null, or what is wrong. `scheme` and `host` receive terminated strings.
const char *_Nullable ccurl_url_parse(
    const char *_Nonnull text, char *_Nonnull scheme, size_t scheme_size, char *_Nonnull host,
    size_t host_size, uint16_t *_Nonnull port);

// MARK: Header lists

/// Appends a copy of `line`; null when memory is short (the old list then stays whole).
CurlHeaders *_Nullable ccurl_headers_append(CurlHeaders *_Nullable list, const char *_Nonnull line);
void ccurl_headers_free(CurlHeaders *_Nullable list);

// MARK: One transfer

CurlEasy *_Nullable ccurl_easy_init(uint64_t id);
void ccurl_easy_cleanup(CurlEasy *_Nonnull easy);
/// `callbacks` must outlive the transfer.
int ccurl_set_callbacks(CurlEasy *_Nonnull easy, const CurlCallbacks *_Nonnull callbacks);
/// `buffer` has ccurl_error_size bytes and must outlive the transfer.
int ccurl_set_error_buffer(CurlEasy *_Nonnull easy, char *_Nonnull buffer);
int ccurl_set_url(CurlEasy *_Nonnull easy, const char *_Nonnull url);
int ccurl_set_protocols(CurlEasy *_Nonnull easy, const char *_Nonnull names);
int ccurl_set_method(CurlEasy *_Nonnull easy, const char *_Nonnull method);
int ccurl_set_no_body(CurlEasy *_Nonnull easy, bool on);
/// The body is copied.
int ccurl_set_body(CurlEasy *_Nonnull easy, const uint8_t *_Nullable bytes, size_t count);
/// `list` must outlive the transfer.
int ccurl_set_headers(CurlEasy *_Nonnull easy, CurlHeaders *_Nullable list);
int ccurl_set_user_agent(CurlEasy *_Nonnull easy, const char *_Nonnull text);
int ccurl_set_timeout_ms(CurlEasy *_Nonnull easy, long milliseconds);
int ccurl_set_connect_timeout_ms(CurlEasy *_Nonnull easy, long milliseconds);
int ccurl_set_maximum_bytes(CurlEasy *_Nonnull easy, int64_t bytes);
int ccurl_set_connection_age_s(CurlEasy *_Nonnull easy, long seconds);
int ccurl_set_follow_redirects(CurlEasy *_Nonnull easy, bool on);
int ccurl_set_fresh_connect(CurlEasy *_Nonnull easy, bool on);
int ccurl_set_no_signal(CurlEasy *_Nonnull easy, bool on);
int ccurl_set_netrc(CurlEasy *_Nonnull easy, bool on);
int ccurl_set_tcp_keepalive(CurlEasy *_Nonnull easy, bool on);
int ccurl_set_quick_exit(CurlEasy *_Nonnull easy, bool on);
/// The empty string switches proxies off, those of the environment too.
int ccurl_set_proxy(CurlEasy *_Nonnull easy, const char *_Nonnull proxy);
int ccurl_set_http_1_1(CurlEasy *_Nonnull easy);
/// Verifies certificate and name, and takes TLS 1.2 or newer.
int ccurl_set_tls_verified(CurlEasy *_Nonnull easy);
/// Trusts this bundle and nothing else.
int ccurl_set_authorities(CurlEasy *_Nonnull easy, const char *_Nonnull path);
long ccurl_status(CurlEasy *_Nonnull easy);

// MARK: Many transfers

CurlMulti *_Nullable ccurl_multi_init(void);
int ccurl_multi_cleanup(CurlMulti *_Nonnull multi);
int ccurl_multi_set_connections(CurlMulti *_Nonnull multi, long per_host, long pooled);
int ccurl_multi_add(CurlMulti *_Nonnull multi, CurlEasy *_Nonnull easy);
int ccurl_multi_remove(CurlMulti *_Nonnull multi, CurlEasy *_Nonnull easy);
int ccurl_multi_perform(CurlMulti *_Nonnull multi);
int ccurl_multi_poll(CurlMulti *_Nonnull multi, int milliseconds);
/// The only call that other threads may make.
int ccurl_multi_wakeup(CurlMulti *_Nonnull multi);
/// Takes the next transfer that ended; false when there is none.
bool ccurl_multi_next_end(CurlMulti *_Nonnull multi, uint64_t *_Nonnull id, int *_Nonnull code);
