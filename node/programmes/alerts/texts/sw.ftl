# Not yet read by a native speaker.
title = Tahadhari na ripoti
exit = Toka
bye = Asante. Kwaheri.
language = Lugha - Language - Langue
menu-warnings = Tahadhari za sasa
menu-report = Ripoti tukio
menu-follow-ups = Majibu ya ripoti yangu
menu-reports = Ripoti wazi
menu-warn = Toa tahadhari
menu-over = Maliza tahadhari
menu-language = Lugha

warnings = Tahadhari za sasa:
no-warning = Hakuna tahadhari sasa.
advice = Kaeni pamoja. Chukua maji, chakula, dawa na hati. Fuata maelekezo ya wanaokuonya. Msaidie asiyeweza kutembea.
each-line = { $events }

kind = Nini kimetokea?
flood = Mafuriko
fire = Moto
slide = Maporomoko
storm = Dhoruba
sickness = Wagonjwa wengi
other = Kingine
place = Wapi?
hurt = Watu wangapi wameumia? Andika 0 kama hakuna.
kept = Ripoti inakwenda wilayani. Tunaihifadhi, na jina lako ikiwa umesajiliwa. Itumwe?
send = Tuma
cancel = Ghairi
cancelled = Hakuna kilichotumwa. Kwaheri.
reported = Asante. Wilaya inajua sasa. Ukiwa hatarini, nenda kwanza mahali salama.
follow-ups = Kuhusu ripoti zako:
no-follow-up = Bado hakuna jipya.

reports = Ripoti ipi?
no-report = Hakuna ripoti iliyo wazi.
outcome = Nini kinafanyika?
outcome-help = Msaada uko njiani
outcome-noted = Imepokelewa
outcome-closed = Imekwisha
followed-up = Imehifadhiwa. Kama aliyeripoti amesajiliwa, SMS inatumwa.

warn-kind = Tahadhari ya nini?
level = Dharura kiasi gani?
level-watch = Kuwa makini
level-ready = Jiandae kuondoka
level-leave = Ondoka sasa
warn-place = Kwa mahali gani?
warn-sure = Tahadhari { $incident_place }: { $kind }. { $level }?
warned = Tahadhari imetolewa, na wahudumu wa afya wanaambiwa.
over-which = Tahadhari ipi imekwisha?
is-over = Tahadhari hiyo imekwisha.

warning-line = { $day } { $kind }, { $incident_place }: { $level }
warning-text = Tahadhari: { $kind }, { $incident_place }. { $level }. Tafadhali waambie watu wa huko sasa.
incident-line = { $day } { $kind }, { $incident_place }: { $hurt }
incident-text = Ripoti: { $kind }, { $incident_place }, { $hurt } wameumia. { $who } { $caller }
follow-up-line = { $day }: { $outcome }
follow-up-text = Kuhusu ripoti yako: { $outcome }.
event-warning = Tahadhari
event-over = Mwisho wa tahadhari
event-incident = Ripoti
event-follow-up = Jibu

form-kind = Tukio
form-place = Mahali
form-hurt = Walioumia
