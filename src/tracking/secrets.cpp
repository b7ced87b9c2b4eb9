#include <stationhit/tracking/secrets.hpp>

#include "server_address.hpp"

namespace stationhit::tracking {
namespace {

constexpr const char* secret_variables[] = {"COMET_API_KEY", "MLFLOW_TRACKING_TOKEN",
                                            "MLFLOW_TRACKING_PASSWORD"};

}  // namespace

std::string without_secrets(std::string text) {
  for (const char* variable : secret_variables) {
    const std::string secret = environment_text(variable);
    if (secret.empty()) continue;
    const std::string shown = std::string("<") + variable + ">";
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + shown.size()))
      text.replace(at, secret.size(), shown);
  }
  return text;
}

}  // namespace stationhit::tracking
