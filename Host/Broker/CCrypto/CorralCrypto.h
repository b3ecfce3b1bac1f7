/* SPDX-License-Identifier: Apache-2.0
 *
 * CorralCrypto.h: OpenSSL's libcrypto for Swift, which libcurl brings into the broker anyway. EVP_sha256 and HMAC only.
 */
#ifndef CORRAL_CRYPTO_H
#define CORRAL_CRYPTO_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#endif
