// A folder that lives as long as a test, and the text of an expected exception.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>

namespace stationhit::data {

class TempFolder {
 public:
  TempFolder() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) /
            ("stationhit_" + std::string(info->test_suite_name()) + "_" + info->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The message of the DataError that `call` throws; a test failure if it throws none.
template <class Call>
std::string data_error(Call&& call) {
  try {
    call();
  } catch (const core::DataError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no DataError";
  return {};
}

}  // namespace stationhit::data

// The text holds the part.
#define EXPECT_CONTAINS(text, part) \
  EXPECT_NE(std::string(text).find(part), std::string::npos) << "text: " << (text)
