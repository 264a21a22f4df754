# Turns tshark's fields into one line per frame of a recipe.
function name(s) {
    n = split(s, part, ",")
    return n > 1 ? part[n - 1] "/" part[n] : s
}
BEGIN {
    kind["10"] = "AS-REQ"; kind["11"] = "AS-REP"; kind["12"] = "TGS-REQ"; kind["13"] = "TGS-REP"
    kind["14"] = "AP-REQ"; kind["15"] = "AP-REP"; kind["30"] = "KRB-ERROR"
    ntlm["0x00000001"] = "NTLM NEGOTIATE"; ntlm["0x00000002"] = "NTLM CHALLENGE"; ntlm["0x00000003"] = "NTLM AUTHENTICATE"
}
{
    split($2, ip, ","); split($3, to, ",")
    what = ""
    split($4, type, ",")
    if (type[1] != "")
        what = kind[type[1]]
    if ($5 != "")
        what = "KRB-ERROR " $5
    if ($9 ~ /1|True/ && $8 == "1")
        what = "session setup " $10 (what == "" ? "" : ", " what)
    else if ($9 ~ /1|True/ && $8 == "3")
        what = "tree connect " $10
    if ($11 != "")
        what = what (what == "" ? "" : ", ") ntlm[$11] ($12 == "" ? "" : " of " $12)
    if (what == "")
        next
    sub(/^10\.77\.0/, "", ip[1]); sub(/^10\.77\.0/, "", to[1])
    printf "%s  %s > %s  %s%s%s\n", $1, ip[1], to[1], what, \
        ($6 == "" ? "" : " for " name($6)), ($7 == "" ? "" : " of " $7)
}
