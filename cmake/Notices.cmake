# Licenses and a bill of materials (SPDX 2.3, JSON) of what is installed, with the versions that the
# build has found. The files are made by `cmake --install` (InstallNotices.cmake).
set(STATIONHIT_LICENSES "" CACHE PATH "Folder with <name>.txt for libraries without a license file")

# stationhit_third_party(<name> VERSION <v> LICENSE <SPDX expression> HOMEPAGE <URL> FILE <a file of it>
#   USE <how the library has it>)
# FILE: its license is that of the Debian package which owns it, or stands in a folder above it.
function(stationhit_third_party name)
  cmake_parse_arguments(arg "" "VERSION;LICENSE;HOMEPAGE;FILE;USE" "" ${ARGN})
  if(NOT arg_VERSION)
    set(arg_VERSION "NOASSERTION")
  endif()
  list(JOIN name "" name)
  # The name of the file that is installed with this project; no entry is empty, because a list of
  # `cmake --install` loses empty ones.
  set(bundled "none")
  if(STATIONHIT_BUNDLE_LIBRARIES AND arg_USE MATCHES "DYNAMIC")
    stationhit_soname("${arg_FILE}" bundled)
  endif()
  set_property(
    GLOBAL
    APPEND
    PROPERTY
      stationhit_third_parties
        "${name}|${arg_VERSION}|${arg_LICENSE}|${arg_HOMEPAGE}|${arg_FILE}|${arg_USE}|${bundled}"
  )
endfunction()

# #define <prefix>_MAJOR 0 ... of a header.
function(stationhit_header_version header prefix result)
  file(STRINGS "${header}" lines REGEX "define +${prefix}_(MAJOR|MINOR|RELEASE|PATCH) +[0-9]+")
  string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
  list(JOIN numbers "." version)
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# Boost.Math, for packages that have the metrics.
function(stationhit_boost_is_contained)
  get_target_property(folder Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
  list(GET folder 0 folder)
  stationhit_third_party(
    Boost
    VERSION "${Boost_VERSION}"
    LICENSE BSL-1.0
    HOMEPAGE https://www.boost.org
    FILE "${folder}/boost/version.hpp"
    USE STATIC_LINK
  )
endfunction()

function(stationhit_list_third_parties)
  stationhit_library_file(hwy::hwy file)
  stationhit_soname("${file}" soname)
  set(use_of_highway STATIC_LINK)
  if(soname)
    set(use_of_highway DYNAMIC_LINK)
  endif()
  stationhit_third_party(
    Highway
    VERSION "${hwy_VERSION}"
    LICENSE Apache-2.0
    HOMEPAGE https://github.com/google/highway
    FILE "${file}"
    USE ${use_of_highway}
  )
  stationhit_library_file(protobuf::libprotobuf-lite file)
  set(use_of_protobuf DYNAMIC_LINK)
  if(STATIONHIT_TAKES_PROTOBUF)
    set(use_of_protobuf STATIC_LINK)
  endif()
  stationhit_third_party(
    protobuf
    VERSION "${Protobuf_VERSION}"
    LICENSE BSD-3-Clause
    HOMEPAGE https://protobuf.dev
    FILE "${file}"
    USE ${use_of_protobuf}
  )
  stationhit_third_party(
    ONNX
    VERSION 1.23.2
    LICENSE Apache-2.0
    HOMEPAGE https://onnx.ai
    FILE "${PROJECT_SOURCE_DIR}/src/onnx_file/schema/onnx-ml.proto"
    USE STATIC_LINK
  )
  get_target_property(folder nlohmann_json::nlohmann_json INTERFACE_INCLUDE_DIRECTORIES)
  list(GET folder 0 folder)
  stationhit_third_party(
    nlohmann-json
    VERSION "${nlohmann_json_VERSION}"
    LICENSE MIT
    HOMEPAGE https://json.nlohmann.me
    FILE "${folder}/nlohmann/json.hpp"
    USE STATIC_LINK
  )
  stationhit_header_version("${XXHASH_INCLUDE_DIR}/xxhash.h" XXH_VERSION version)
  stationhit_third_party(
    xxHash
    VERSION "${version}"
    LICENSE BSD-2-Clause
    HOMEPAGE https://xxhash.com
    FILE "${XXHASH_INCLUDE_DIR}/xxhash.h"
    USE STATIC_LINK
  )
  if(STATIONHIT_WITH_ONNXRUNTIME)
    stationhit_library_file(onnxruntime::onnxruntime file)
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+$" version "${file}")
    stationhit_third_party(
      "ONNX Runtime"
      VERSION "${version}"
      LICENSE MIT
      HOMEPAGE https://onnxruntime.ai
      FILE "${file}"
      USE DYNAMIC_LINK
    )
  endif()
endfunction()

# doc_folder: below the prefix of the installation.
function(stationhit_install_notices component doc_folder)
  stationhit_list_third_parties()
  get_property(third_parties GLOBAL PROPERTY stationhit_third_parties)
  set(settings "${PROJECT_BINARY_DIR}/notice_settings.cmake")
  file(
    GENERATE OUTPUT "${settings}"
    CONTENT
      "set(third_parties [=[${third_parties}]=])\nset(version ${PROJECT_VERSION})\nset(doc_folder [=[${doc_folder}]=])\nset(own_license [=[${PROJECT_SOURCE_DIR}/LICENSE]=])\nset(more_licenses [=[${STATIONHIT_LICENSES}]=])\n"
  )
  install(
    CODE
      "include([=[${settings}]=])\ninclude([=[${PROJECT_SOURCE_DIR}/cmake/InstallNotices.cmake]=])"
    COMPONENT ${component}
  )
endfunction()
