# Run by `cmake --install`: writes LICENSE, NOTICE, licenses/ and stationhit.spdx.json into the folder
# of documents. Variables: third_parties (see Notices.cmake), version, doc_folder, own_license,
# more_licenses.

# The Debian package that owns a file, as "name version"; empty on other systems.
function(find_debian_package file result)
  set(${result} "" PARENT_SCOPE)
  find_program(DPKG_QUERY dpkg-query)
  if(NOT DPKG_QUERY)
    return()
  endif()
  execute_process(
    COMMAND "${DPKG_QUERY}" -S "${file}"
    OUTPUT_VARIABLE owner
    ERROR_QUIET
    RESULT_VARIABLE failed
  )
  if(failed)
    return()
  endif()
  string(REGEX REPLACE "[:,].*" "" owner "${owner}")
  execute_process(
    COMMAND "${DPKG_QUERY}" -W -f "\${Package} \${Version}\\n" "${owner}"
    OUTPUT_VARIABLE package
    OUTPUT_STRIP_TRAILING_WHITESPACE
  )
  string(REGEX REPLACE "\n.*" "" package "${package}")
  set(${result} "${package}" PARENT_SCOPE)
endfunction()

# The license files of a third party.
function(find_license_files name file package result)
  set(found "")
  if(package)
    string(REGEX REPLACE " .*" "" package "${package}")
    set(found "/usr/share/doc/${package}/copyright")
  endif()
  if(NOT EXISTS "${found}")
    set(found "${more_licenses}/${name}.txt")
  endif()
  # Beside the file, or in one of the two folders above it.
  set(folder "${file}")
  foreach(step RANGE 2)
    get_filename_component(folder "${folder}" DIRECTORY)
    if(NOT EXISTS "${found}")
      file(GLOB beside "${folder}/LICENSE*" "${folder}/ThirdPartyNotices*")
      if(beside)
        set(found "${beside}")
        break()
      endif()
    endif()
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# `text` as a string of JSON.
function(to_json text result)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  set(${result} "\"${text}\"" PARENT_SCOPE)
endfunction()

# How scanners call a Debian package, "name version".
function(to_purl package result)
  string(REPLACE " " "@" locator "${package}")
  string(REPLACE "+" "%2B" locator "${locator}")
  to_json("pkg:deb/debian/${locator}" locator)
  set(
    ${result}
    ",\n     \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": ${locator}}]"
    PARENT_SCOPE
  )
endfunction()

# `text` with only what an identifier of SPDX may have.
function(to_spdx_id text result)
  string(REGEX REPLACE "[^A-Za-z0-9.-]" "-" text "${text}")
  set(${result} "SPDXRef-${text}" PARENT_SCOPE)
endfunction()

# One package of the bill of materials; more: other members of it, each after a comma.
function(
  spdx_package
  name
  id
  version
  license
  homepage
  source
  more
  result
)
  foreach(
    value
    IN
    ITEMS name id version license homepage source
  )
    to_json("${${value}}" ${value})
  endforeach()
  set(
    ${result}
    "    {\"name\": ${name}, \"SPDXID\": ${id}, \"versionInfo\": ${version}, \"licenseConcluded\": ${license},
     \"licenseDeclared\": ${license}, \"copyrightText\": \"NOASSERTION\", \"homepage\": ${homepage},
     \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, \"sourceInfo\": ${source}${more}}"
    PARENT_SCOPE
  )
endfunction()

set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${doc_folder}")
file(REMOVE_RECURSE "${folder}/licenses")
file(COPY "${own_license}" DESTINATION "${folder}")
set(
  notice
  "stationhit ${version}, Apache License 2.0 (LICENSE)\n\nIt contains, or loads, these works of others; their licenses are in the folder licenses:\n\n"
)
spdx_package(
  stationhit
  SPDXRef-stationhit
  "${version}"
  Apache-2.0
  "NOASSERTION"
  "this package"
  ""
  packages
)
set(
  relationships
  "    {\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-stationhit\"}"
)
foreach(entry IN LISTS third_parties)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 name)
  list(GET entry 1 release)
  list(GET entry 2 license)
  list(GET entry 3 homepage)
  list(GET entry 4 file)
  list(GET entry 5 use)
  list(GET entry 6 bundled)
  find_debian_package("${file}" package)
  find_license_files("${name}" "${file}" "${package}" licenses)
  list(GET licenses 0 first)
  if(NOT EXISTS "${first}")
    message(
      WARNING
      "stationhit: no license file of ${name} was found near ${file}; put one at FOLDER/${name}.txt and configure with -DSTATIONHIT_LICENSES=FOLDER"
    )
    set(licenses "")
  endif()
  foreach(path IN LISTS licenses)
    file(READ "${path}" text)
    get_filename_component(kind "${path}" NAME_WE)
    set(suffix "")
    if(kind STREQUAL "ThirdPartyNotices")
      set(suffix "-third-parties")
    endif()
    string(REPLACE " " "-" file_name "${name}${suffix}.txt")
    file(WRITE "${folder}/licenses/${file_name}" "${text}")
  endforeach()
  set(source "found where it was built, of no package")
  set(more "")
  if(package)
    set(source "Debian package ${package}")
    to_purl("${package}" purl)
    string(APPEND more ${purl})
  endif()
  if(NOT bundled STREQUAL "none")
    file(SHA256 "${file}" digest)
    to_json("${bundled}" bundled)
    string(
      APPEND more
      ",\n     \"packageFileName\": ${bundled}, \"checksums\": [{\"algorithm\": \"SHA256\", \"checksumValue\": \"${digest}\"}]"
    )
    to_spdx_id("${name}" id)
    string(
      APPEND relationships
      ",\n    {\"spdxElementId\": \"SPDXRef-stationhit\", \"relationshipType\": \"CONTAINS\", \"relatedSpdxElement\": \"${id}\"}"
    )
  endif()
  string(APPEND notice "  ${name} ${release}, ${license}, ${homepage}\n")
  to_spdx_id("${name}" id)
  spdx_package("${name}" "${id}" "${release}" "${license}" "${homepage}" "${source}" "${more}" text)
  string(APPEND packages ",\n${text}")
  string(
    APPEND relationships
    ",\n    {\"spdxElementId\": \"SPDXRef-stationhit\", \"relationshipType\": \"${use}\", \"relatedSpdxElement\": \"${id}\"}"
  )
endforeach()
file(WRITE "${folder}/NOTICE" "${notice}")

# SOURCE_DATE_EPOCH makes the time that of a reproducible build; the name of the document follows
# from its content.
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)
string(SHA256 digest "${packages}${relationships}")
file(
  WRITE "${folder}/stationhit.spdx.json"
  "{
  \"spdxVersion\": \"SPDX-2.3\", \"dataLicense\": \"CC0-1.0\", \"SPDXID\": \"SPDXRef-DOCUMENT\",
  \"name\": \"stationhit-${version}\",
  \"documentNamespace\": \"https://spdx.org/spdxdocs/stationhit-${version}-${digest}\",
  \"creationInfo\": {\"created\": \"${created}\", \"creators\": [\"Tool: cmake-${CMAKE_VERSION}\"]},
  \"packages\": [
${packages}
  ],
  \"relationships\": [
${relationships}
  ]
}
"
)
