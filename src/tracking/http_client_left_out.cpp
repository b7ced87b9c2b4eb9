#include <stationhit/core/errors.hpp>

#include "http_client.hpp"

namespace stationhit::tracking {

std::unique_ptr<HttpClient> make_http_client(Credentials /*credentials*/, StopRequested /*stop*/) {
  throw core::DataError(
      "this program was built without libcurl (-DSTATIONHIT_WITH_CURL=ON), so it reaches no "
      "server");
}

}  // namespace stationhit::tracking
