# Not yet read by a native speaker.
# Only letters of the default alphabet: à è é ù ì ò; words that need others are avoided.
menu = Mère et enfant
menu-register = Inscrire mère et enfant
menu-work = Mon travail
menu-language = Langue
exit = Quitter
bye = Merci. Au revoir.
work = Vos inscriptions : { $total }
    { $held } ici, { $carried } au centre
    { $accepted } acceptées, { $effective } terminées
    { $rejected } refusées, { $conflict } à vérifier
language = Langue - Language - Lugha

mother-given-name = Prénom de la mère ?
mother-family-name = Nom de famille de la mère ?
mother-birth-date = Naissance de la mère : année comme 1994 ou jour comme 17051994 ?
mother-phone = Téléphone de la mère ?
no-phone = Sans téléphone
mother-village = Village de la mère ?
mother-national-id = Numéro d'identité de la mère ?
no-national-id = Sans numéro
consent = Le ministère de la Santé garde ces réponses pour soigner mère et enfant. La mère est d'accord ?
yes = Oui
no = Non
consent-refused = Rien n'est gardé. La mère garde droit aux soins.

child-given-name = Prénom de l'enfant ?
not-named = Pas encore nommé
child-family-name = Nom de famille de l'enfant ?
child-sex = Sexe de l'enfant ?
female = Féminin
male = Masculin
child-birth-date = Jour de naissance de l'enfant, comme 17052026 ?
today = Aujourd'hui
yesterday = Hier
child-place-of-birth = Où est né l'enfant ?
place-home = Chez elle
place-clinic = En clinique
place-other = Ailleurs

summary = Mère : { $mother_given_name } { $mother_family_name }, { $mother_birth_date }, { $mother_phone }, { $mother_village }
    Enfant : { $child_given_name } { $child_family_name }, { $child_sex }, { $child_birth_date }
save = Garder
change = Changer
cancel = Annuler
cancelled = Rien n'est gardé. Au revoir.
change-what = Changer quoi ?
change-mother-given-name = Prénom de la mère
change-mother-family-name = Nom de la mère
change-mother-birth-date = Naissance de la mère
change-mother-phone = Téléphone
change-mother-village = Village
change-mother-national-id = Numéro d'identité
change-child-given-name = Prénom de l'enfant
change-child-family-name = Nom de l'enfant
change-child-sex = Sexe de l'enfant
change-child-birth-date = Naissance de l'enfant
change-child-place-of-birth = Lieu de naissance
registered = Inscription : { $status }
    Mère { $mother_number }
    Enfant { $child_number }
    Veuillez noter ces deux numéros.

citizen-menu = Services publics
menu-status = Mon inscription
status-title = Vos inscriptions :
status-line = { $number } { $status }

form-consent = Accord de la mère
